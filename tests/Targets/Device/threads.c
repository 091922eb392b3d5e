/* Several threads use one descriptor and their own at once, while others touch the pages; with forks and signals between. */
#include "device.h"

#define THREADS 4
#define PAGES 32
#define ROUNDS 60

static int shared_device;
static char *touched;
static int stop;
static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static void *use_a_device(void *argument)
{
	int number = (int)(intptr_t)argument;
	int own = open_device(number % 2);
	char *buffer = anonymous(PAGES);
	char *mirror = anonymous(PAGES);

	for (int i = 0; i < ROUNDS; i++) {
		int device = i % 3 ? shared_device : own;
		struct command command = { (uintptr_t)buffer, (uintptr_t)mirror, PAGES, 0, 0 };

		fill(buffer, PAGES, number * ROUNDS + i);
		CHECK(!ioctl(device, REQUEST(i % 2 ? TO_DEVICE : EXCLUSIVE), &command), "%s", strerror(errno));
		CHECK(is_filled(mirror, PAGES, number * ROUNDS + i));
		fill(mirror, PAGES, -i);
		CHECK(!ioctl(device, REQUEST(WRITE), &command), "%s", strerror(errno));
		CHECK(is_filled(buffer, PAGES, -i));
	}
	close(own);
	return NULL;
}

/* Counts up in each page while the pages come and go: no increment may be lost. */
static void *touch(void *argument)
{
	volatile long *numbers = argument;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		for (unsigned long i = 0; i < PAGES; i++)
			numbers[i * PAGE / sizeof(long)]++;
	}
	return NULL;
}

static void *move_what_is_touched(void *argument)
{
	char *mirror = anonymous(PAGES);

	(void)argument;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		struct command command = { (uintptr_t)touched, (uintptr_t)mirror, PAGES, 0, 0 };
		/* A page that is touched meanwhile may be back before the device reads it, and then it is not found there. */
		if (ioctl(shared_device, REQUEST(TO_DEVICE), &command))
			CHECK(errno == ENOENT, "%s", strerror(errno));
	}
	return NULL;
}

int main(void)
{
	pthread_t users[THREADS], toucher, mover;
	struct sigaction action = { .sa_handler = count_signal };
	struct itimerval_ { struct timeval interval, value; } timer = { { 0, 2000 }, { 0, 2000 } };
	long first, last;

	shared_device = open_device(0);
	touched = anonymous(PAGES);
	NEED(!sigaction(SIGALRM, &action, NULL));
	extern int setitimer(int, const void *, void *);
	NEED(!setitimer(0, &timer, NULL));
	NEED(!pthread_create(&toucher, NULL, touch, touched) && !pthread_create(&mover, NULL, move_what_is_touched, NULL));
	for (long i = 0; i < THREADS; i++)
		NEED(!pthread_create(&users[i], NULL, use_a_device, (void *)i));

	for (int i = 0; i < 10; i++) {
		pid_t child = fork();
		NEED(child >= 0);
		if (!child) {
			int own = open_device(1);
			char *buffer = anonymous(PAGES), *mirror = anonymous(PAGES);

			fill(buffer, PAGES, i);
			EQUAL(0, run(own, TO_DEVICE, buffer, mirror, PAGES));
			CHECK(is_filled(mirror, PAGES, i) && is_filled(buffer, PAGES, i));
			_exit(failures != 0);
		}
		EQUAL(0, wait_for(child));
	}
	for (int i = 0; i < THREADS; i++)
		NEED(!pthread_join(users[i], NULL));
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	NEED(!pthread_join(toucher, NULL) && !pthread_join(mover, NULL));

	/* The counts of all pages differ by nothing: the toucher ends its rounds. */
	first = *(long *)touched;
	for (unsigned long i = 0; i < PAGES; i++) {
		last = *(long *)(touched + i * PAGE);
		CHECK(first == last, "page %lu lost an increment: %ld of %ld", i, last, first);
	}
	CHECK(first > 0 && signals > 0);
	return finish();
}
