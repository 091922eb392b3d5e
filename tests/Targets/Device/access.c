/* Reads and writes of a device: data, how many faults they took, and the errors. */
#include "device.h"

#define PAGES 1024

static void reads_what_the_program_wrote(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 1);
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	EQUAL(1, faults);
	CHECK(is_filled(mirror, PAGES, 1));

	/* All of it is in the device's table now. */
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	EQUAL(0, faults);
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void reads_pages_that_do_not_exist_and_pages_of_zeros(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);
	volatile char sum = 0;

	/* The second page: touched for reading only. The last half: written. */
	sum += buffer[PAGE];
	memset(buffer + PAGES / 2 * PAGE, 7, PAGES / 2 * PAGE);
	memset(mirror, 0xaa, PAGES * PAGE);
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	EQUAL(1, faults);
	CHECK(is_zero(mirror, PAGES / 2));
	CHECK(!memcmp(mirror + PAGES / 2 * PAGE, buffer + PAGES / 2 * PAGE, PAGES / 2 * PAGE));
	NEED(!munmap(buffer, PAGES * PAGE));
	(void)sum;
}

static void writes_what_the_program_sees(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(mirror, PAGES, 2);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	EQUAL(1, faults);
	CHECK(is_filled(buffer, PAGES, 2));
	fill(mirror, PAGES, 3);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	EQUAL(0, faults);
	CHECK(is_filled(buffer, PAGES, 3));
	/* What was written is read without a fault. */
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	EQUAL(0, faults);
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void obeys_protections(int device, char *mirror)
{
	char *buffer = map_pages(PAGES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(mirror, 0x5a, PAGES * PAGE);
	EQUAL(EFAULT, run(device, READ, buffer, mirror, PAGES));
	EQUAL(0, faults);
	CHECK(mirror[0] == 0x5a && mirror[PAGES * PAGE - 1] == 0x5a);
	EQUAL(EFAULT, run(device, WRITE, buffer, mirror, PAGES));

	NEED(!mprotect(buffer, PAGES * PAGE, PROT_READ));
	EQUAL(EPERM, run(device, WRITE, buffer, mirror, PAGES));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_zero(mirror, PAGES));
	fill(mirror, PAGES, 4);
	EQUAL(EPERM, run(device, WRITE, buffer, mirror, PAGES));
	NEED(!mprotect(buffer, PAGES * PAGE, PROT_READ | PROT_WRITE));
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 4));

	/* Taken away again: what the device has in its table permits nothing any more. */
	NEED(!mprotect(buffer, PAGES * PAGE, PROT_READ));
	EQUAL(EPERM, run(device, WRITE, buffer, mirror, PAGES));
	NEED(!mprotect(buffer, PAGES * PAGE, PROT_NONE));
	EQUAL(EFAULT, run(device, READ, buffer, mirror, PAGES));
	NEED(!munmap(buffer, PAGES * PAGE));
	EQUAL(EFAULT, run(device, READ, buffer, mirror, PAGES));
}

static void counts_a_fault_after_mprotect(int device, char *mirror)
{
	char *buffer = anonymous(8);

	fill(buffer, 8, 1);
	EQUAL(0, run(device, WRITE, buffer, mirror, 8));
	EQUAL(0, run(device, READ, buffer, mirror, 8));
	EQUAL(0, faults);
	NEED(!mprotect(buffer + 4 * PAGE, 4 * PAGE, PROT_READ));
	EQUAL(0, run(device, READ, buffer, mirror, 4));
	EQUAL(0, faults);
	EQUAL(0, run(device, READ, buffer, mirror, 8));
	EQUAL(1, faults);
	NEED(!munmap(buffer, 8 * PAGE));
}

/* Differs from the kernel, which counts a fault: a protection that was there and back between two requests is not noticed. */
static void mprotect_there_and_back_costs_no_fault(int device, char *mirror)
{
	char *buffer = anonymous(8);

	fill(buffer, 8, 1);
	EQUAL(0, run(device, READ, buffer, mirror, 8));
	EQUAL(1, faults);
	NEED(!mprotect(buffer, 8 * PAGE, PROT_READ) && !mprotect(buffer, 8 * PAGE, PROT_READ | PROT_WRITE));
	EQUAL(0, run(device, READ, buffer, mirror, 8));
	EQUAL(0, faults);
	CHECK(is_filled(mirror, 8, 1));
	NEED(!munmap(buffer, 8 * PAGE));
}

static void refuses_bad_arguments(int device, char *mirror)
{
	char *buffer = anonymous(4);
	struct command command = { (uintptr_t)buffer, (uintptr_t)mirror, 4, 111, 222 };

	EQUAL(EINVAL, run(device, READ, buffer + 1, mirror, 1));
	EQUAL(EINVAL, run(device, READ, buffer, mirror, 0));
	EQUAL(EINVAL, run(device, READ, (void *)-PAGE, mirror, 2));
	EQUAL(EINVAL, run(device, SNAPSHOT, buffer + 8, mirror, 1));
	EQUAL(EFAULT, run(device, READ, buffer, NULL, 4));
	EQUAL(EFAULT, run(device, WRITE, buffer, NULL, 4));
	EQUAL(EFAULT, run(device, READ, NULL, mirror, 1));
	EQUAL(-1, ioctl(device, REQUEST(READ), NULL));
	EQUAL(EFAULT, errno);
	EQUAL(-1, ioctl(device, REQUEST(READ), (void *)8));
	EQUAL(EFAULT, errno);
	EQUAL(-1, ioctl(device, REQUEST(99), &command));
	EQUAL(EINVAL, errno);
	EQUAL(-1, ioctl(-1, REQUEST(READ), &command));
	EQUAL(EBADF, errno);

	/* On an error nothing is copied back. */
	NEED(!mprotect(buffer, PAGE, PROT_NONE));
	EQUAL(-1, ioctl(device, REQUEST(READ), &command));
	EQUAL(EFAULT, errno);
	EQUAL(111, command.cpages);
	EQUAL(222, command.faults);

	/* On success errno is left alone. */
	errno = 4711;
	NEED(!mprotect(buffer, PAGE, PROT_READ));
	EQUAL(0, ioctl(device, REQUEST(READ), &command));
	EQUAL(4711, errno);
	NEED(!munmap(buffer, 4 * PAGE));
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	reads_what_the_program_wrote(device, mirror);
	reads_pages_that_do_not_exist_and_pages_of_zeros(device, mirror);
	writes_what_the_program_sees(device, mirror);
	obeys_protections(device, mirror);
	counts_a_fault_after_mprotect(device, mirror);
	mprotect_there_and_back_costs_no_fault(device, mirror);
	refuses_bad_arguments(device, mirror);
	return finish();
}
