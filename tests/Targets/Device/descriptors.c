/* A device's descriptor is one like any other: dup, close, close-on-exec, exec; and what the library leaves alone. */
#include "device.h"
#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int count_descriptors(int below)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	NEED(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.' && atoi(entry->d_name) < below;
	closedir(folder);
	return count;
}

static int count_threads(void)
{
	DIR *folder = opendir("/proc/self/task");
	int count = 0;

	NEED(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

static void numbers_are_the_lowest(void)
{
	int before = count_descriptors(800);
	int next = dup(0), first, second;

	close(next);
	first = open_device(0);
	EQUAL(next, first);
	second = open_device(3);
	EQUAL(next + 1, second);
	EQUAL(before + 2, count_descriptors(800));
	EQUAL(1, count_threads());
	close(first);
	EQUAL(next, open("/dev/null", O_RDONLY));
	close(next);
	close(second);
	EQUAL(before, count_descriptors(800));
}

static void a_copy_is_the_device(char *buffer, char *mirror)
{
	int device = open_device(0);
	int copy = dup(device);

	fill(buffer, 4, 1);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 4));
	close(device);
	EQUAL(EBADF, run(device, READ, buffer, mirror, 4));
	/* The last copy keeps it open. */
	CHECK(is_seen(copy, buffer, 4, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	close(copy);
	device = open_device(0);
	CHECK(is_seen(device, buffer, 4, SEEN_WRITE));
	CHECK(is_filled(buffer, 4, 1));
	close(device);
}

static void it_can_be_opened_in_every_way(void)
{
	const char *path = "/dev/hmm_dmirror1";
	int descriptors[4] = { open(path, O_RDWR | O_CLOEXEC), open64(path, O_RDONLY), openat(AT_FDCWD, path, O_RDWR), openat64(-1, path, O_RDWR) };

	for (int i = 0; i < 4; i++) {
		CHECK(descriptors[i] >= 0, "%d: %s", i, strerror(errno));
		EQUAL(i ? 0 : FD_CLOEXEC, fcntl(descriptors[i], F_GETFD));
		close(descriptors[i]);
	}
	EQUAL(-1, open("/dev/hmm_dmirror4", O_RDWR));
	EQUAL(ENOENT, errno);
	EQUAL(-1, open("/dev/hmm_dmirror00", O_RDWR));
	EQUAL(ENOENT, errno);
}

/* Differs from the kernel: it is a socket, and only opening by just this name reaches it. */
static void it_is_no_file_of_dev(void)
{
	struct stat status;
	int device = open_device(0);

	NEED(!fstat(device, &status));
	CHECK(S_ISSOCK(status.st_mode));
	EQUAL(-1, access("/dev/hmm_dmirror0", F_OK));
	EQUAL(-1, open("/dev/./hmm_dmirror0", O_RDWR));
	CHECK(!fopen("/dev/hmm_dmirror0", "r+"));
	EQUAL(-1, ioctl(device, TIOCGWINSZ, &status));
	EQUAL(ENOTTY, errno);
	close(device);
}

static void reading_and_writing_do_not_hang(void)
{
	int device = open_device(0);
	char *mirror = anonymous(1);
	char bytes[64] = { 1 };

	CHECK(read(device, bytes, sizeof(bytes)) <= 0);
	(void)!write(device, bytes, sizeof(bytes));
	(void)!write(device, bytes, 40);
	/* And it continues. */
	EQUAL(0, run(device, READ, mirror, mirror + 8, 0) ? 0 : 1);
	EQUAL(0, run(device, SNAPSHOT, mirror, mirror, 1));
	close(device);
}

static void other_sockets_are_left_alone(char *buffer, char *mirror)
{
	int ends[2];

	NEED(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	CHECK(run(ends[0], READ, buffer, mirror, 1) != 0);
	EQUAL(-1, recv(ends[1], mirror, 1, MSG_DONTWAIT));
	close(ends[0]);
	close(ends[1]);
	NEED(!pipe(ends));
	EQUAL(ENOTTY, run(ends[0], READ, buffer, mirror, 1));
	close(ends[0]);
	close(ends[1]);
}

static void a_program_may_close_everything(char *buffer, char *mirror)
{
	int device = open_device(0);

	fill(buffer, 4, 2);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 4));
	for (int i = 3; i < 1024; i++)
		close(i);
	CHECK(is_filled(buffer, 4, 2));
	device = open_device(0);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 4));
	CHECK(is_filled(mirror, 4, 2));
	CHECK(is_filled(buffer, 4, 2));
	close(device);
}

static void an_inherited_device_answers_an_error_after_exec(const char *program)
{
	char number[16];
	pid_t child;

	NEED((child = fork()) >= 0);
	if (!child) {
		int device = open_device(0);
		snprintf(number, sizeof(number), "%d", device);
		execl(program, program, number, NULL);
		_exit(99);
	}
	EQUAL(0, wait_for(child));
}

int main(int count, char **arguments)
{
	char *buffer = anonymous(4);
	char *mirror = anonymous(4);

	if (count > 1) {
		/* After exec: the memory that it mirrored is gone, and the device can be opened for the new one. */
		CHECK(run(atoi(arguments[1]), READ, buffer, mirror, 4) != 0);
		int own = open_device(0);
		EQUAL(0, run(own, READ, buffer, mirror, 4));
		return failures != 0;
	}
	numbers_are_the_lowest();
	a_copy_is_the_device(buffer, mirror);
	it_can_be_opened_in_every_way();
	it_is_no_file_of_dev();
	reading_and_writing_do_not_hang();
	other_sockets_are_left_alone(buffer, mirror);
	an_inherited_device_answers_an_error_after_exec(arguments[0]);
	a_program_may_close_everything(buffer, mirror);
	return finish();
}
