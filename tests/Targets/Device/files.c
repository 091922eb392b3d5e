/* Mappings of files and shared memory. */
#include "device.h"
#include <sys/shm.h>

#define PAGES 16

static int make_file(unsigned long pages, int seed)
{
	char name[] = "/tmp/mmun-device-XXXXXX";
	char *content = anonymous(pages);
	int file;

	NEED((file = mkstemp(name)) >= 0);
	unlink(name);
	fill(content, pages, seed);
	NEED(write(file, content, pages * PAGE) == (ssize_t)(pages * PAGE));
	NEED(!munmap(content, pages * PAGE));
	return file;
}

static void a_shared_file_is_read_and_written(int device, char *mirror)
{
	int file = make_file(PAGES, 1);
	char *buffer = map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	char *content = anonymous(PAGES);

	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 1));
	fill(mirror, PAGES, 2);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 2));
	NEED(pread(file, content, PAGES * PAGE, 0) == (ssize_t)(PAGES * PAGE));
	CHECK(is_filled(content, PAGES, 2));

	/* Beyond its end: no page. */
	NEED(!ftruncate(file, PAGES / 2 * PAGE));
	EQUAL(EFAULT, run(device, READ, buffer, mirror, PAGES));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES / 2));
	NEED(!munmap(buffer, PAGES * PAGE) && !munmap(content, PAGES * PAGE));
	close(file);
}

static void a_read_only_file_is_read(int device, char *mirror)
{
	char path[64];
	int file = make_file(PAGES, 3);
	int other;
	char *buffer;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	NEED((other = open(path, O_RDONLY)) >= 0);
	buffer = map_pages(PAGES, PROT_READ, MAP_SHARED, other);
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 3));
	CHECK(is_seen(device, buffer, PAGES, SEEN_READ));
	EQUAL(EPERM, run(device, WRITE, buffer, mirror, PAGES));
	NEED(!munmap(buffer, PAGES * PAGE));
	close(other);
	close(file);
}

static void a_private_file_keeps_its_content(int device, char *mirror)
{
	int file = make_file(PAGES, 4);
	char *buffer = map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
	char *content = anonymous(PAGES);

	fill(mirror, PAGES, 5);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 5));
	NEED(pread(file, content, PAGES * PAGE, 0) == (ssize_t)(PAGES * PAGE));
	CHECK(is_filled(content, PAGES, 4));
	NEED(!munmap(buffer, PAGES * PAGE) && !munmap(content, PAGES * PAGE));
	close(file);
}

/*
 * Copies of a private file mapping's pages migrate. Differs from the kernel: they stay where they are and are only called the device's,
 * for no touch of such a mapping can be made to wait. A touch does not bring them back.
 */
static void a_private_files_own_pages_migrate(int device, char *mirror)
{
	int file = make_file(PAGES, 6);
	char *buffer = map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);

	EQUAL(ENOENT, run(device, TO_DEVICE, buffer, mirror, PAGES));
	fill(buffer, PAGES, 7);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(mirror, PAGES, 7));
	CHECK(is_seen(device, buffer, PAGES, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	CHECK(is_filled(buffer, PAGES, 7));
	fill(mirror, PAGES, 8);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 8));
	fill(buffer, PAGES, 9);
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 9));
	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(buffer, PAGES, 9));
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE));
	NEED(!munmap(buffer, PAGES * PAGE));
	close(file);
}

static void shared_memory_is_read_and_written(int device, char *mirror, char *buffer)
{
	fill(buffer, PAGES, 10);
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 10));
	fill(mirror, PAGES, 11);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 11));
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE));
	/* For a device that has none of it in its table, as the answer comes from there. */
	int other = open_device(1);
	EQUAL(ENOENT, run(other, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(EBUSY, run(other, EXCLUSIVE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 11));
	close(other);
}

static void memory_of_several_kinds_is_shared(int device, char *mirror)
{
	int file = memfd_create("test", MFD_CLOEXEC);
	int segment = shmget(IPC_PRIVATE, PAGES * PAGE, 0600);
	char *attached;

	NEED(file >= 0 && !ftruncate(file, PAGES * PAGE));
	shared_memory_is_read_and_written(device, mirror, map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_SHARED, file));
	shared_memory_is_read_and_written(device, mirror, map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1));
	close(file);
	if (segment < 0)
		return;
	attached = shmat(segment, NULL, 0);
	NEED(attached != (void *)-1);
	shmctl(segment, IPC_RMID, NULL);
	shared_memory_is_read_and_written(device, mirror, attached);
	NEED(!shmdt(attached));
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	a_shared_file_is_read_and_written(device, mirror);
	a_read_only_file_is_read(device, mirror);
	a_private_file_keeps_its_content(device, mirror);
	a_private_files_own_pages_migrate(device, mirror);
	memory_of_several_kinds_is_shared(device, mirror);
	return finish();
}
