/* The device process dies: requests fail, nothing hangs, and memory that was not with a device is as it was. */
#include "device.h"

int main(void)
{
	int device = open_device(0);
	char *buffer = anonymous(8), *mirror = anonymous(8);
	pid_t child;

	fill(buffer, 8, 1);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 4));
	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, 4));
	NEED(!kill(getppid(), SIGKILL));
	while (getppid() != 1 && !run(device, SNAPSHOT, buffer, mirror, 8))
		usleep(1000);
	EQUAL(ENODEV, run(device, READ, buffer, mirror, 8));
	CHECK(is_filled(buffer, 8, 1));
	EQUAL(-1, open("/dev/hmm_dmirror1", O_RDWR));
	EQUAL(ENODEV, errno);
	NEED((child = fork()) >= 0);
	if (!child)
		_exit(is_filled(buffer, 8, 1) ? 0 : 1);
	EQUAL(0, wait_for(child));
	NEED(!munmap(buffer, 8 * PAGE));
	return finish();
}
