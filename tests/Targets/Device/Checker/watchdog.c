/* What every thread is doing, and since when; one that stays too long in one step ends the run. */
#include "checker.h"

__thread struct worker *self;
struct statistics *statistics;
_Atomic int stop;
_Atomic unsigned running;

static struct step *steps;	/* of the threads, then of their children */
static int64_t start;

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000 - start;
}

void make_steps(void)
{
	start = now_ms() - 1;
	steps = mmap(NULL, (MAX_THREADS + 1) * 2 * sizeof(*steps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	statistics = mmap(NULL, sizeof(*statistics), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(steps != MAP_FAILED && statistics != MAP_FAILED);
}

struct step *step_of(int thread, int is_child)
{
	return steps + thread * 2 + is_child;
}

void begin_step(enum operation operation, const struct region *region, char *address, unsigned first, unsigned pages, int device)
{
	struct step *step = self->step;

	step->operation = operation;
	step->owner = region ? region->owner : -1;
	step->region = region ? region->number : 0;
	step->first = first;
	step->pages = pages;
	step->device = device;
	step->address = address;
	step->since = now_ms();
}

void end_step(int answer)
{
	struct step *step = self->step;
	enum operation operation = step->operation;
	uint64_t took = now_ms() - step->since;

	step->answer = answer;
	step->since = 0;
	step->count++;
	statistics->count[operation]++;
	if (answer == EBUSY)
		statistics->busy[operation]++;
	if (took > statistics->slowest[operation])
		statistics->slowest[operation] = took;
	if (step->owner >= 0)
		log_operation(region_of(step->owner, step->region), step->first, step->pages, operation, answer);
}

void describe_step(const struct step *step, char *text, size_t size)
{
	int at = snprintf(text, size, "%s of %d pages at %p", operation_infos[step->operation].name, step->pages, (void *)step->address);

	if (step->owner >= 0 && at < (int)size)
		at += snprintf(text + at, size - at, ", %s pages %d/%d/%d on", kind_names[region_of(step->owner, step->region)->kind],
			step->owner, step->region, step->first);
	if (step->device >= 0 && at < (int)size)
		snprintf(text + at, size - at, ", device %d#%d", step->device / MAX_OPENS, step->device % MAX_OPENS);
}

void fail(const char *format, ...)
{
	char text[2000];
	va_list arguments;
	int length, place;
	char step[200];

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text) - 1, format, arguments);
	va_end(arguments);
	if (length > (int)sizeof(text) - 2)
		length = sizeof(text) - 2;
	if (strncmp(text, "WRONG", 5) && self) {
		describe_step(self->step, step, sizeof(step));
		place = snprintf(text + length, sizeof(text) - 1 - length, " (seed %u, %lld ms, %s%d, %s)", options.seed, (long long)now_ms(),
			self->is_child ? "child of thread " : "thread ", self->number, step);
		length = length + place < (int)sizeof(text) - 1 ? length + place : (int)sizeof(text) - 2;
	}
	text[length++] = '\n';
	if (write(STDOUT_FILENO, text, length) != length)
		_exit(5);
	_exit(1);
}

static void print_file(int thread, const char *name)
{
	char path[64], text[200];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", thread, name);
	file = open(path, O_RDONLY);
	length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
	if (length > 0)
		printf(" %s %.*s", name, (int)strcspn(text, "\n") < length ? (int)strcspn(text, "\n") : (int)length, text);
	if (file >= 0)
		close(file);
}

static void describe_all(int64_t now)
{
	for (unsigned i = 0; i < (MAX_THREADS + 1) * 2; i++) {
		char text[200];
		int64_t since = steps[i].since;

		if (!since)
			continue;
		describe_step(&steps[i], text, sizeof(text));
		printf("  %s%u, for %lld ms: %s;", i % 2 ? "child of thread " : "thread ", i / 2, (long long)(now - since), text);
		if (i % 2 == 0)
			print_file(steps[i].thread_id, "wchan");
		if (i % 2 == 0)
			print_file(steps[i].thread_id, "syscall");
		putchar('\n');
	}
}

/* Returns at the end of the time, or when all threads have ended that were asked to stop. */
void watch_until(int64_t end)
{
	while (1) {
		int64_t now = now_ms(), limit = options.stuck_seconds * 1000L;

		for (unsigned i = 0; i < (MAX_THREADS + 1) * 2; i++) {
			int64_t since = steps[i].since;

			/* A child's parent waits for it as long again: the child is what is stuck. */
			if (since && now - since > (i % 2 ? limit : limit + 2000)) {
				printf("STUCK seed %u, %lld ms: %s%u\n", options.seed, (long long)now, i % 2 ? "child of thread " : "thread ", i / 2);
				describe_all(now);
				fflush(stdout);
				_exit(3);
			}
		}
		if (stop ? !running : now >= end)
			return;
		usleep(50000);
	}
}
