/*
 * Kills the device process at a moment that the argument names, and says what the device's socket was called. The program itself goes on to
 * its end.
 */
#include "device.h"

static char *buffer, *mirror;
static int device = -1;

static void kill_parent(void)
{
	pid_t parent = getppid();

	NEED(!kill(parent, SIGKILL));
	/* Until it is gone; its own parent takes its place. */
	for (int i = 0; i < 10000 && getppid() == parent; i++)
		usleep(1000);
	CHECK(getppid() != parent);
}

static void *make_requests(void *argument)
{
	(void)argument;
	while (!run(device, TO_DEVICE, buffer, mirror, 8) || errno == ENOENT)
		buffer[0]++;
	return NULL;
}

int main(int count, char **arguments)
{
	const char *moment = count > 1 ? arguments[1] : "start", *name = getenv("MMUN_DEVICE");
	pthread_t thread;

	NEED(name);
	puts(name);
	fflush(stdout);
	buffer = anonymous(8);
	mirror = anonymous(8);
	if (strcmp(moment, "start"))
		device = open_device(0);
	if (!strcmp(moment, "migrated"))
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 8));
	if (!strcmp(moment, "request"))
		NEED(!pthread_create(&thread, NULL, make_requests, NULL));
	kill_parent();
	if (!strcmp(moment, "request"))
		NEED(!pthread_join(thread, NULL));
	return finish();
}
