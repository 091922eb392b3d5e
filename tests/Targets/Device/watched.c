/* Memory that the program itself watches with a userfaultfd, and answers the faults of, the device's among them. */
#include "device.h"
#include <linux/userfaultfd.h>
#include <sys/syscall.h>

#define PAGES 16

static int userfaultfd;
static char *content;

static void *answer(void *argument)
{
	struct uffd_msg message;

	while (read(userfaultfd, &message, sizeof(message)) == sizeof(message)) {
		struct uffdio_copy copy = { .dst = message.arg.pagefault.address & -PAGE, .len = PAGE };

		copy.src = (uintptr_t)content + (copy.dst - (uintptr_t)argument);
		NEED(message.event == UFFD_EVENT_PAGEFAULT);
		NEED(!ioctl(userfaultfd, UFFDIO_COPY, &copy) || errno == EEXIST);
	}
	return NULL;
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES), *buffer = anonymous(PAGES);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { { (uintptr_t)buffer, PAGES * PAGE }, UFFDIO_REGISTER_MODE_MISSING, 0 };
	pthread_t thread;

	content = anonymous(PAGES);
	fill(content, PAGES, 1);
	NEED((userfaultfd = syscall(SYS_userfaultfd, O_CLOEXEC)) >= 0);
	NEED(!ioctl(userfaultfd, UFFDIO_API, &api) && !ioctl(userfaultfd, UFFDIO_REGISTER, &range));
	NEED(!pthread_create(&thread, NULL, answer, buffer));

	EQUAL(0, run(device, READ, buffer, mirror, PAGES / 2));
	CHECK(is_filled(mirror, PAGES / 2, 1));
	CHECK(is_filled(buffer, PAGES, 1));
	fill(mirror, PAGES, 2);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 2));

	/* No change there is reported to it, so it looks again each time. */
	fill(content, PAGES, 3);
	NEED(!madvise(buffer, PAGES * PAGE, MADV_DONTNEED));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES / 2));
	EQUAL(1, faults > 0);
	CHECK(is_filled(mirror, PAGES / 2, 3));
	CHECK(is_filled(buffer, PAGES, 3));
	fill(buffer, PAGES, 2);

	/* Differs from the kernel: it does not migrate, for its faults are the program's own to answer. */
	int other = open_device(1);
	EQUAL(ENOENT, run(other, TO_DEVICE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 2));
	NEED(!munmap(buffer, PAGES * PAGE));
	EQUAL(EFAULT, run(device, READ, buffer, mirror, PAGES));
	return finish();
}
