/* More devices than mmun, which needs some of its own, has descriptors for: opening one fails like any other call, and works again when others are closed. */
#include "device.h"

#define DEVICES 1000

int main(void)
{
	static int devices[DEVICES];
	int opened = 0;

	alarm(60);
	while (opened < DEVICES && (devices[opened] = open("/dev/hmm_dmirror0", O_RDWR)) >= 0)
		opened++;
	EQUAL(EMFILE, errno);
	CHECK(opened > 0 && opened < DEVICES, "%d devices were opened", opened);
	while (opened > 0)
		NEED(!close(devices[--opened]));
	NEED(!close(open_device(0)));
	return finish();
}
