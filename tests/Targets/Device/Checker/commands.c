/* Commands of the devices, on memory of one's own and of others. */
#include "checker.h"

#include <sys/uio.h>

static int descriptors[DEVICES][MAX_OPENS];

void open_devices(void)
{
	for (int device = 0; device < DEVICES; device++)
		for (unsigned i = 0; i < options.opens; i++)
			descriptors[device][i] = options.is_fake || !(options.devices & 1u << device) ? -1 : open_device(device);
}

void close_devices(void)
{
	for (int device = 0; device < DEVICES; device++)
		for (unsigned i = 0; i < options.opens; i++)
			if (descriptors[device][i] >= 0)
				close(descriptors[device][i]);
}

/* One of the descriptors that all threads share, and which it is: device times MAX_OPENS plus number. */
int inherited_device(int *device)
{
	unsigned chosen;

	do
		chosen = below(DEVICES);
	while (!(options.devices & 1u << chosen));
	/* Mostly one of one's own, if there are as many as threads: requests on one descriptor wait for each other. */
	*device = chosen * MAX_OPENS + (below(4) ? self->number % options.opens : below(options.opens));
	return descriptors[chosen][*device % MAX_OPENS];
}

/* Without a device: what it would do to the memory. */
static int pretend(int nr, const void *address, void *pointer, unsigned long pages)
{
	struct iovec here = { pointer, pages * PAGE }, there = { (void *)address, pages * PAGE };

	if (nr == WRITE)
		return process_vm_writev(getpid(), &here, 1, &there, 1, 0) == (ssize_t)here.iov_len ? 0 : EPERM;
	if (nr == READ || nr == TO_DEVICE || nr == EXCLUSIVE)
		return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)here.iov_len ? 0 : EFAULT;
	return 0;
}

/* Answers the error, or 0. */
int give_command(int nr, int descriptor, const void *address, void *pointer, unsigned long pages, unsigned long *done)
{
	struct command command = { (uintptr_t)address, (uintptr_t)pointer, pages, 0, 0 };
	int error;

	if (options.is_fake) {
		*done = pages;
		return pretend(nr, address, pointer, pages);
	}
	error = ioctl(descriptor, REQUEST(nr), &command) ? errno : 0;
	*done = command.cpages;
	return error;
}

/* The buffer of a command may itself be with a device. */
static void migrate_buffer(int descriptor, unsigned pages)
{
	unsigned long done;
	int error = give_command(TO_DEVICE, descriptor, self->buffer, self->buffer_end, pages, &done);

	if (error && error != ENOENT && error != EBUSY)
		fail("migrating a buffer: %s", strerror(error));
}

static int nr_of(enum operation operation)
{
	static const int numbers[] = {
		[OP_READ] = READ, [OP_WRITE] = WRITE, [OP_TO_DEVICE] = TO_DEVICE, [OP_TO_SYSTEM] = TO_SYSTEM, [OP_SNAPSHOT] = SNAPSHOT,
		[OP_EXCLUSIVE] = EXCLUSIVE, [OP_CHECK_EXCLUSIVE] = CHECK_EXCLUSIVE, [OP_RELEASE] = RELEASE, [OP_REOPEN] = TO_DEVICE,
	};

	return numbers[operation];
}

/* What a command may answer for memory that is mapped and permits it. EBUSY: others were faster for a second. */
static int may_answer(enum operation operation, int error)
{
	switch (operation) {
	case OP_TO_DEVICE:
	case OP_EXCLUSIVE:
	case OP_REOPEN:
		/* Touched before it was read back; or it is of a kind that does not move. */
		return error == 0 || error == ENOENT || error == EBUSY;
	case OP_CHECK_EXCLUSIVE:
		return error == 0 || error == EPERM;
	case OP_READ:
	case OP_WRITE:
	case OP_SNAPSHOT:
		return error == 0 || error == EBUSY;
	default:
		return error == 0;
	}
}

/* What it may answer besides for memory that its owner unmaps and protects meanwhile. */
static int may_answer_guest(int error)
{
	return error == EFAULT || error == EINVAL || error == EPERM || error == ENOENT;
}

static int reads_back(enum operation operation)
{
	return operation == OP_READ || operation == OP_TO_DEVICE || operation == OP_EXCLUSIVE || operation == OP_REOPEN;
}

static void prepare_write(struct region *region, unsigned first, unsigned pages, uint32_t *versions)
{
	/* An error leaves two possibilities for a page, so there must be one now. */
	for (unsigned i = first; i < first + pages; i++)
		if (region->expected[i].alternative != NO_VERSION)
			store_all(region, i, 1);
	for (unsigned i = 0; i < pages; i++) {
		versions[i] = begin_version(region, first + i, 0);
		write_pattern(self->buffer + i * PAGE, region, first + i, versions[i]);
	}
}

static void note_write(struct region *region, unsigned first, unsigned pages, const uint32_t *versions, int error)
{
	for (unsigned i = first; i < first + pages; i++) {
		if (error) {
			set_expected(region, i, region->expected[i].version, versions[i - first]);
			continue;
		}
		set_expected(region, i, versions[i - first], NO_VERSION);
		finish_version(region, i, versions[i - first]);
	}
}

void use_device(struct region *region, enum operation operation)
{
	uint32_t versions[MAX_PAGES];
	unsigned first, pages;
	unsigned long done = 0;
	int device, error, descriptor = inherited_device(&device);
	char *address;

	choose_part(region, &first, &pages);
	address = region->address + first * PAGE;
	begin_step(operation, region, address, first, pages, device);
	if (operation == OP_REOPEN && !options.is_fake)
		descriptor = open_device(device / MAX_OPENS);
	if (below(8) == 0)
		migrate_buffer(descriptor, pages);
	if (operation == OP_WRITE)
		prepare_write(region, first, pages, versions);
	error = give_command(nr_of(operation), descriptor, address, self->buffer, pages, &done);
	if (operation == OP_WRITE)
		note_write(region, first, pages, versions, error);
	if (!may_answer(operation, error))
		fail("%s answers %s", operation_infos[operation].name, strerror(error));
	if (!error && reads_back(operation)) {
		if (done != pages)
			fail("%s did %lu pages of %u", operation_infos[operation].name, done, pages);
		judge_exactly(region, self->buffer, first, pages, "device read");
	}
	if (operation == OP_REOPEN && !options.is_fake)
		NEED(!close(descriptor));
	end_step(error);
}

void use_device_as_guest(struct region *region, enum operation operation)
{
	struct window window;
	unsigned first, pages;
	unsigned long done = 0;
	int device, error, descriptor = inherited_device(&device);
	char *address;

	if (!enter(region))
		return;
	choose_part(region, &first, &pages);
	address = region->address + first * PAGE;
	open_window(region, &window);
	begin_step(operation, region, address, first, pages, device);
	error = give_command(nr_of(operation), descriptor, address, self->buffer, pages, &done);
	if (!may_answer(operation, error) && !may_answer_guest(error))
		fail("%s on others' memory answers %s", operation_infos[operation].name, strerror(error));
	if (!error && reads_back(operation))
		judge_within(region, self->buffer, first, pages, &window, "device read");
	end_step(error);
	leave(region);
}
