/* Forks: copy-on-write, migrated pages on both sides, devices of parent and child. */
#include "device.h"
#include <sys/syscall.h>

#define PAGES 256

static void the_childs_device_writes_its_own_copy(int inherited, int flags, int sees_write)
{
	char *buffer = map_pages(PAGES, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1);
	char *mirror = anonymous(PAGES);
	pid_t child;

	fill(buffer, PAGES, 1);
	fill(mirror, PAGES, 2);
	NEED((child = fork()) >= 0);
	if (!child) {
		int own = open_device(0);

		EQUAL(0, run(own, WRITE, buffer, mirror, PAGES));
		EQUAL(PAGES, cpages);
		EQUAL(1, faults);
		CHECK(is_filled(buffer, PAGES, 2));
		close(own);
		_exit(failures != 0);
	}
	EQUAL(0, wait_for(child));
	CHECK(is_filled(buffer, PAGES, sees_write ? 2 : 1));
	EQUAL(0, run(inherited, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, sees_write ? 2 : 1));
	NEED(!munmap(buffer, PAGES * PAGE) && !munmap(mirror, PAGES * PAGE));
}

static void both_sides_have_migrated_pages(int device)
{
	char *buffer = anonymous(PAGES);
	char *mirror = anonymous(PAGES);
	pid_t child;

	fill(buffer, PAGES, 3);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	NEED((child = fork()) >= 0);
	if (!child) {
		int own = open_device(1);

		CHECK(is_filled(buffer, PAGES, 3));
		EQUAL(0, run(own, TO_DEVICE, buffer, mirror, PAGES));
		CHECK(is_filled(mirror, PAGES, 3));
		fill(buffer, PAGES, 4);
		CHECK(is_filled(buffer, PAGES, 4));
		_exit(failures != 0);
	}
	CHECK(is_filled(buffer, PAGES, 3));
	fill(buffer, PAGES, 5);
	EQUAL(0, wait_for(child));
	CHECK(is_filled(buffer, PAGES, 5));
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE));
	NEED(!munmap(buffer, PAGES * PAGE) && !munmap(mirror, PAGES * PAGE));
}

/* A child's request on a descriptor that it has inherited is about the memory of the process that opened it; its pointers are the child's own. */
static void an_inherited_device_is_the_parents(int device)
{
	char *buffer = anonymous(PAGES);
	char *mirror = anonymous(PAGES);
	int ready[2], go[2];
	char byte;
	pid_t child;

	fill(buffer, PAGES, 6);
	NEED(!pipe(ready) && !pipe(go));
	NEED((child = fork()) >= 0);
	if (!child) {
		NEED(read(go[0], &byte, 1) == 1);
		EQUAL(0, run(device, READ, buffer, mirror, PAGES));
		CHECK(is_filled(mirror, PAGES, 7));
		CHECK(is_filled(buffer, PAGES, 6));
		fill(mirror, PAGES, 8);
		EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
		CHECK(is_filled(buffer, PAGES, 6));
		_exit(failures != 0);
	}
	fill(buffer, PAGES, 7);
	NEED(write(go[1], "x", 1) == 1);
	EQUAL(0, wait_for(child));
	CHECK(is_filled(buffer, PAGES, 8));
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
	close(go[1]);
	NEED(!munmap(buffer, PAGES * PAGE) && !munmap(mirror, PAGES * PAGE));
}

/* Differs from the kernel: only a thread of the process itself can drop its pages (docs/device.md). */
static void a_child_cannot_migrate_its_parents_pages(int device)
{
	char *buffer = anonymous(8);
	char *mirror = anonymous(8);
	pid_t child;

	fill(buffer, 8, 9);
	NEED((child = fork()) >= 0);
	if (!child) {
		EQUAL(ENOENT, run(device, TO_DEVICE, buffer, mirror, 8));
		EQUAL(EBUSY, run(device, EXCLUSIVE, buffer, mirror, 8));
		_exit(failures != 0);
	}
	EQUAL(0, wait_for(child));
	CHECK(is_filled(buffer, 8, 9));
	NEED(!munmap(buffer, 8 * PAGE) && !munmap(mirror, 8 * PAGE));
}

/*
 * Pages of the device stay there. Differs from the kernel: the child gets copies at once, so that the parent's are still its own to write,
 * and
 * the child's are no device's.
 */
static void a_fork_leaves_pages_on_the_device(int device)
{
	char *buffer = anonymous(8);
	char *mirror = anonymous(8);
	pid_t child;

	fill(buffer, 8, 10);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 8));
	NEED((child = fork()) >= 0);
	if (!child) {
		int own = open_device(0);

		CHECK(is_seen(own, buffer, 8, SEEN_WRITE));
		CHECK(is_filled(buffer, 8, 10));
		_exit(failures != 0);
	}
	CHECK(is_seen(device, buffer, 8, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	EQUAL(0, wait_for(child));
	CHECK(is_seen(device, buffer, 8, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	CHECK(is_filled(buffer, 8, 10));
	NEED(!munmap(buffer, 8 * PAGE) && !munmap(mirror, 8 * PAGE));
}

/* A child that forks again at once, too. */
static void a_fork_past_the_library_has_the_pages(int device)
{
	char *buffer = anonymous(PAGES);
	char *mirror = anonymous(PAGES);
	pid_t child;

	for (int i = 0; i < 20; i++) {
		fill(buffer, PAGES, i);
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		NEED((child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) >= 0);
		if (!child) {
			pid_t grandchild = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

			NEED(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
			CHECK(is_filled(buffer, PAGES, i));
			if (grandchild)
				EQUAL(0, wait_for(grandchild));
			_exit(failures != 0);
		}
		/* Written by the parent while the child gets its copies. */
		fill(buffer, PAGES, -i);
		EQUAL(0, wait_for(child));
		CHECK(is_filled(buffer, PAGES, -i));
	}
	NEED(!munmap(buffer, PAGES * PAGE) && !munmap(mirror, PAGES * PAGE));
}

/* Differs from the kernel, which counts a fault: no event shows that the program's write has copied a page. The data is right. */
static void a_copy_on_write_costs_no_fault(int device)
{
	char *buffer = anonymous(8);
	char *mirror = anonymous(8);
	pid_t child;

	fill(buffer, 8, 11);
	NEED((child = fork()) >= 0);
	if (!child) {
		pause();
		_exit(0);
	}
	EQUAL(0, run(device, READ, buffer, mirror, 8));
	EQUAL(1, faults);
	fill(buffer, 8, 12);
	EQUAL(0, run(device, READ, buffer, mirror, 8));
	EQUAL(0, faults);
	CHECK(is_filled(mirror, 8, 12));
	/* Writing needs a fault, as in the kernel. */
	EQUAL(0, run(device, WRITE, buffer, mirror, 8));
	EQUAL(1, faults);
	kill(child, SIGKILL);
	wait_for(child);
	NEED(!munmap(buffer, 8 * PAGE) && !munmap(mirror, 8 * PAGE));
}

static void what_a_dead_parent_opened_answers_errors(void)
{
	char *buffer = anonymous(8);
	char *mirror = anonymous(8);
	int told[2];
	char result = 0;
	pid_t child;

	NEED(!pipe(told));
	NEED((child = fork()) >= 0);
	if (!child) {
		int device = open_device(0);
		pid_t grandchild = fork();

		if (grandchild)
			_exit(0);
		/* The device process notices the end of the parent a while after it. */
		result = 'n';
		for (int i = 0; i < 6000 && result == 'n'; i++) {
			usleep(10000);
			result = run(device, READ, buffer, mirror, 8) != 0 ? 'e' : 'n';
		}
		NEED(write(told[1], &result, 1) == 1);
		_exit(0);
	}
	wait_for(child);
	close(told[1]);
	EQUAL(1, read(told[0], &result, 1));
	EQUAL('e', result);
	close(told[0]);
	NEED(!munmap(buffer, 8 * PAGE) && !munmap(mirror, 8 * PAGE));
}

int main(void)
{
	int device = open_device(0);

	the_childs_device_writes_its_own_copy(device, MAP_PRIVATE, 0);
	the_childs_device_writes_its_own_copy(device, MAP_SHARED, 1);
	both_sides_have_migrated_pages(device);
	an_inherited_device_is_the_parents(device);
	a_child_cannot_migrate_its_parents_pages(device);
	a_fork_leaves_pages_on_the_device(device);
	a_fork_past_the_library_has_the_pages(device);
	a_copy_on_write_costs_no_fault(device);
	what_a_dead_parent_opened_answers_errors();
	return finish();
}
