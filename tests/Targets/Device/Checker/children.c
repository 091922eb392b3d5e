/*
 * Children: each must find its own copy of its parent's memory, of the moment of the fork, wherever the pages were; and must not disturb
 * its parent. The parent waits for some at once, and changes its memory beside others.
 */
#include "checker.h"

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

extern char **environ;

/* The child's versions are none of the parent's. */
#define CHILD_VERSION 0x7fffff00u

static struct window at_fork[MAX_THREADS][MAX_REGIONS];

static void check_own(const struct region *except)
{
	for (unsigned i = 0; i < options.regions; i++) {
		struct region *region = region_of(self->number, i);

		if (HAS_OWN_PAGES(region) && region != except)
			judge_exactly(region, region->address, 0, region->count, "load in a child");
	}
}

/* Other threads' pages are as they were at one moment of the fork. */
static void check_others(void)
{
	for (unsigned owner = 0; owner < options.threads; owner++) {
		for (unsigned i = 0; i < options.regions; i++) {
			struct region *region = region_of(owner, i);
			char *address = region->address;

			if ((int)owner == self->number && HAS_OWN_PAGES(region))
				continue;
			for (unsigned page = 0; page < region->count; page++)
				if (copy_safely(self->scratch, address + page * PAGE, PAGE))
					judge_within(region, self->scratch, page, 1, &at_fork[owner][i], "load in a child, of others' pages");
		}
	}
}

static void store_own(struct region *region)
{
	for (unsigned page = 0; page < region->count; page++) {
		write_pattern(region->address + page * PAGE, region, page, CHILD_VERSION + 1);
		set_expected(region, page, CHILD_VERSION + 1, NO_VERSION);
	}
	judge_exactly(region, region->address, 0, region->count, "load of a child's own stores");
}

static void expect(int error, int is_expected, const char *what)
{
	if (!is_expected)
		fail("%s: %s", what, strerror(error));
}

/* A device that the child opens itself serves the child's memory. */
static void use_own_device(struct region *region)
{
	unsigned long done;
	int device, error;

	inherited_device(&device);
	device = open_device(device / MAX_OPENS);
	error = give_command(READ, device, region->address, self->buffer, region->count, &done);
	expect(error, !error, "READ of a child");
	judge_exactly(region, self->buffer, 0, region->count, "device read of a child");
	error = give_command(TO_DEVICE, device, region->address, self->buffer, region->count, &done);
	expect(error, !error || error == ENOENT || error == EBUSY, "MIGRATE_TO_DEV of a child");
	if (!error)
		judge_exactly(region, self->buffer, 0, region->count, "device read after a child's migration");
	judge_exactly(region, region->address, 0, region->count, "load after a child's migration");
	for (unsigned page = 0; page < region->count; page++) {
		write_pattern(self->buffer + page * PAGE, region, page, CHILD_VERSION + 2);
		set_expected(region, page, CHILD_VERSION + 2, NO_VERSION);
	}
	error = give_command(WRITE, device, region->address, self->buffer, region->count, &done);
	expect(error, !error, "WRITE of a child");
	judge_exactly(region, region->address, 0, region->count, "load after a child's WRITE");
	close(device);
}

/* A device that the parent opened serves the parent's memory. */
static void use_inherited_device(struct region *region)
{
	static struct window window;
	unsigned long done;
	int device, error, descriptor = inherited_device(&device);

	open_window(region, &window);
	error = give_command(READ, descriptor, region->address, self->buffer, region->count, &done);
	/* The parent may have moved the region meanwhile. */
	expect(error, !error || error == EBUSY || error == EFAULT, "READ of the parent's memory");
	if (!error)
		judge_within(region, self->buffer, 0, region->count, &window, "device read of the parent's memory");
	error = give_command(TO_DEVICE, descriptor, region->address, self->buffer, region->count, &done);
	expect(error, error == ENOENT || error == EBUSY || error == EFAULT || error == EINVAL || !error, "MIGRATE_TO_DEV of the parent's memory");
	give_command(TO_SYSTEM, descriptor, region->address, self->buffer, region->count, &done);
}

static int run_child(struct region *region, enum operation operation, unsigned choices)
{
	if (operation == OP_WIPEONFORK) {
		for (unsigned page = 0; page < region->count; page++)
			set_expected(region, page, 0, NO_VERSION);
		judge_exactly(region, region->address, 0, region->count, "load in a child, of wiped memory");
		NEED(!madvise(region->address, region->count * PAGE, MADV_KEEPONFORK));
	}
	check_own(operation == OP_DONTFORK ? region : NULL);
	check_others();
	if (operation == OP_DONTFORK || !HAS_OWN_PAGES(region))
		return 0;
	if (choices & 1)
		store_own(region);
	if (operation == OP_RAW_FORK || options.is_fake)
		return 0;
	if (choices & 2)
		use_own_device(region);
	if (choices & 4)
		use_inherited_device(region);
	if (choices & 8) {
		pid_t grandchild = fork();

		NEED(grandchild >= 0);
		if (!grandchild) {
			check_own(NULL);
			store_own(region);
			return 0;
		}
		store_own(region);
		return wait_for(grandchild);
	}
	return 0;
}

static void become_child(void)
{
	self->is_child = 1;
	self->step = step_of(self->number, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Waits as long as the watchdog lets us. */
static void wait_for_child(pid_t child)
{
	int status = wait_for(child);

	if (status)
		fail("a child ended with %d", status);
}

void wait_for_background(void)
{
	if (self->background)
		wait_for_child(self->background);
	self->background = 0;
}

void make_child(struct region *region, enum operation operation)
{
	unsigned choices = below(16), is_background = below(2);
	pid_t child;

	wait_for_background();
	if (operation == OP_WIPEONFORK) {
		/* Others' children get zeros as well. */
		for (unsigned page = 0; page < region->count; page++)
			begin_version(region, page, 1);
		NEED(!madvise(region->address, region->count * PAGE, MADV_WIPEONFORK));
	}
	if (operation == OP_DONTFORK)
		NEED(!madvise(region->address, region->count * PAGE, MADV_DONTFORK));
	for (unsigned owner = 0; owner < options.threads; owner++)
		for (unsigned i = 0; i < options.regions; i++)
			open_window(region_of(owner, i), &at_fork[owner][i]);
	child = operation == OP_RAW_FORK ? syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork();
	NEED(child >= 0);
	if (!child) {
		become_child();
		begin_step(operation, region, region->address, 0, region->count, -1);
		choices = run_child(region, operation, choices);
		self->step->since = 0;
		_exit(choices);
	}
	if (operation == OP_WIPEONFORK)
		NEED(!madvise(region->address, region->count * PAGE, MADV_KEEPONFORK));
	if (operation == OP_DONTFORK)
		NEED(!madvise(region->address, region->count * PAGE, MADV_DOFORK));
	if (is_background)
		self->background = child;
	else
		wait_for_child(child);
}

void spawn_program(void)
{
	char *arguments[] = { "/bin/true", NULL };
	pid_t child;
	int error = posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ);

	if (error)
		fail("posix_spawn: %s", strerror(error));
	wait_for_child(child);
}
