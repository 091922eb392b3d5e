/* Loads and stores, by the program itself and by the kernel for it. */
#include "checker.h"

#include <sys/uio.h>

static void store_with_the_kernel(char *to, const char *from)
{
	struct iovec here = { (char *)from, PAGE }, there = { to, PAGE };
	int pipe_ends[2];

	if (below(2)) {
		if (process_vm_writev(getpid(), &here, 1, &there, 1, 0) != (ssize_t)PAGE)
			fail("process_vm_writev: %s", strerror(errno));
		return;
	}
	NEED(!pipe2(pipe_ends, O_CLOEXEC) && write(pipe_ends[1], from, PAGE) == (ssize_t)PAGE);
	if (read(pipe_ends[0], to, PAGE) != (ssize_t)PAGE)
		fail("read from a pipe: %s", strerror(errno));
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void load_with_the_kernel(char *to, const char *from)
{
	struct iovec here = { to, PAGE }, there = { (char *)from, PAGE };
	int pipe_ends[2];

	if (below(2)) {
		if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) != (ssize_t)PAGE)
			fail("process_vm_readv: %s", strerror(errno));
		return;
	}
	NEED(!pipe2(pipe_ends, O_CLOEXEC));
	if (write(pipe_ends[1], from, PAGE) != (ssize_t)PAGE)
		fail("write to a pipe: %s", strerror(errno));
	NEED(read(pipe_ends[0], to, PAGE) == (ssize_t)PAGE);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void store(struct region *region, unsigned page, int with_kernel)
{
	char *address = region->address + page * PAGE;
	uint32_t version = begin_version(region, page, 0);

	if (with_kernel) {
		write_pattern(self->scratch, region, page, version);
		store_with_the_kernel(address, self->scratch);
	} else {
		write_pattern(address, region, page, version);
	}
	set_expected(region, page, version, NO_VERSION);
	finish_version(region, page, version);
}

void store_all(struct region *region, unsigned first, unsigned pages)
{
	for (unsigned i = first; i < first + pages; i++)
		store(region, i, 0);
}

void access_memory(struct region *region, enum operation operation)
{
	unsigned first, pages;

	choose_part(region, &first, &pages);
	begin_step(operation, region, region->address + first * PAGE, first, pages, -1);
	for (unsigned i = first; i < first + pages; i++) {
		if (operation == OP_STORE || operation == OP_KERNEL_STORE) {
			store(region, i, operation == OP_KERNEL_STORE);
			continue;
		}
		if (operation == OP_KERNEL_LOAD)
			load_with_the_kernel(self->scratch, region->address + i * PAGE);
		judge_exactly(region, operation == OP_KERNEL_LOAD ? self->scratch : region->address + i * PAGE, i, 1,
			operation == OP_KERNEL_LOAD ? "kernel load" : "load");
	}
	end_step(0);
}

void load_as_guest(struct region *region)
{
	struct window window;
	unsigned first, pages;
	char *address;

	if (!enter(region))
		return;
	choose_part(region, &first, &pages);
	address = region->address;
	open_window(region, &window);
	begin_step(OP_LOAD, region, address + first * PAGE, first, pages, -1);
	for (unsigned i = first; i < first + pages; i++)
		if (copy_safely(self->scratch, address + i * PAGE, PAGE))
			judge_within(region, self->scratch, i, 1, &window, "load");
	end_step(0);
	leave(region);
}
