/* The threads, their random work, and the end. */
#include "checker.h"

#include <sys/syscall.h>
#include <sys/time.h>

/* How long a region is the one that most threads look at. */
#define HOT_MS 128

static void ignore_signal(int number)
{
	(void)number;
}

static void start_signals(void)
{
	struct sigaction action = { .sa_handler = ignore_signal, .sa_flags = SA_RESTART };
	struct itimerval timer = { { 0, 7000 }, { 0, 7000 } };

	NEED(!sigaction(SIGALRM, &action, NULL) && !setitimer(ITIMER_REAL, &timer, NULL));
}

static void prepare(struct worker *worker, int number)
{
	worker->number = number;
	worker->random = options.seed * 2654435761u + (number + 1) * 40503u;
	worker->random += !worker->random;
	worker->step = step_of(number, 0);
	worker->step->thread_id = syscall(SYS_gettid);
	worker->buffer = anonymous(options.pages);
	worker->buffer_end = anonymous(options.pages);
	worker->scratch = anonymous(1);
	self = worker;
}

static void work_on_own(struct region *region)
{
	enum operation operation = choose_operation(&self->random, 0, LAST_COMMAND);

	if (operation < OPERATIONS)
		use_device(region, operation);
}

/* Most threads look at one region at a time, so that they meet there. */
static struct region *others_region(void)
{
	unsigned hot = now_ms() / HOT_MS * 2654435761u >> 8;

	return below(4) ? region_of(hot % options.threads, hot / MAX_THREADS % options.regions)
		: region_of(below(options.threads), below(options.regions));
}

static void work_on_others(void)
{
	struct region *region = others_region();
	enum operation operation = choose_operation(&self->random, 0, LAST_COMMAND);

	if (region->owner == self->number || operation == OPERATIONS)
		return;
	/* Only owners write. */
	if (operation == OP_WRITE || operation == OP_REOPEN)
		load_as_guest(region);
	else
		use_device_as_guest(region, operation);
}

static void take_a_step(void)
{
	unsigned chosen = below(options.own + options.foreign + options.cpu + options.change);
	struct region *region = region_of(self->number, below(options.regions));
	enum operation operation;

	if (chosen < options.own) {
		work_on_own(region);
	} else if ((chosen -= options.own) < options.foreign) {
		work_on_others();
	} else if ((chosen -= options.foreign) < options.cpu) {
		if ((operation = choose_operation(&self->random, LAST_COMMAND + 1, LAST_ACCESS)) < OPERATIONS)
			access_memory(region, operation);
	} else if ((operation = choose_operation(&self->random, LAST_ACCESS + 1, OPERATIONS - 1)) < OPERATIONS) {
		change_memory(region, operation);
	}
}

static void *work(void *argument)
{
	struct worker worker = { 0 };

	prepare(&worker, (int)(intptr_t)argument);
	begin_step(OP_STORE, NULL, NULL, 0, 0, -1);
	for (unsigned i = 0; i < options.regions; i++)
		store_all(region_of(worker.number, i), 0, options.pages);
	end_step(0);
	while (!stop)
		take_a_step();
	begin_step(OP_FORK, NULL, NULL, 0, 0, -1);
	wait_for_background();
	end_step(0);
	running--;
	return NULL;
}

/* When no thread runs any more, each page is as its owner left it; also after all devices have been closed. */
static void check_all(void)
{
	begin_step(OP_LOAD, NULL, NULL, 0, 0, -1);
	for (unsigned owner = 0; owner < options.threads; owner++) {
		for (unsigned i = 0; i < options.regions; i++) {
			struct region *region = region_of(owner, i);

			judge_exactly(region, region->address, 0, region->count, "load at the end");
		}
	}
	end_step(0);
}

static void *finish_checking(void *argument)
{
	struct worker worker = { 0 };

	prepare(&worker, (int)(intptr_t)argument);
	check_all();
	begin_step(OP_REOPEN, NULL, NULL, 0, 0, -1);
	close_devices();
	end_step(0);
	check_all();
	running--;
	return NULL;
}

static void start(pthread_t *thread, void *(*function)(void *), int number)
{
	running++;
	NEED(!pthread_create(thread, NULL, function, (void *)(intptr_t)number));
}

static void print_statistics(void)
{
	for (int i = 0; i < OPERATIONS; i++)
		if (statistics->count[i])
			printf("%s %lu (slowest %lu ms, EBUSY %lu)\n", operation_infos[i].name, (unsigned long)statistics->count[i],
				(unsigned long)statistics->slowest[i], (unsigned long)statistics->busy[i]);
}

int main(int count, char **arguments)
{
	static pthread_t threads[MAX_THREADS];
	struct worker worker = { 0 };

	read_options(count, arguments);
	make_steps();
	make_records();
	prepare(&worker, MAX_THREADS);
	make_regions();
	open_devices();
	for (unsigned i = 0; i < options.threads; i++)
		start(&threads[i], work, i);
	if (options.has_signals)
		start_signals();
	watch_until(now_ms() + options.seconds * 1000L);
	stop = 1;
	watch_until(0);
	for (unsigned i = 0; i < options.threads; i++)
		NEED(!pthread_join(threads[i], NULL));
	start(&threads[0], finish_checking, MAX_THREADS);
	watch_until(0);
	NEED(!pthread_join(threads[0], NULL));
	print_statistics();
	printf("ok: seed %u, %u s\n", options.seed, options.seconds);
	return 0;
}
