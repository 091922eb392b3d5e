/*
 * What is in a page. A word says which page it is of, which version, and which word: so what turns up in a wrong place shows where it is
 * from. Zeros are a version too.
 */
#include "checker.h"

static struct page_record *records;

void make_records(void)
{
	size_t bytes = (size_t)options.threads * options.regions * options.pages * sizeof(*records);

	records = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(records != MAP_FAILED);
}

struct page_record *records_of(int owner, int number)
{
	return records + ((size_t)owner * options.regions + number) * options.pages;
}

unsigned next_random(unsigned *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random;
}

unsigned below(unsigned limit)
{
	return next_random(&self->random) % limit;
}

void choose_part(const struct region *region, unsigned *first, unsigned *pages)
{
	unsigned count = region->count;

	*first = 0;
	*pages = count;
	if (count > 1 && below(3)) {
		*first = below(count);
		*pages = 1 + below(count - *first);
	}
}

static uint64_t word_of(const struct region *region, unsigned page, uint32_t version, unsigned word)
{
	uint64_t id = 1 + ((uint64_t)region->owner << 12 | (uint64_t)region->number << 9 | page);

	return version ? id << 44 | (uint64_t)version << 10 | word : 0;
}

void write_pattern(void *page, const struct region *region, unsigned number, uint32_t version)
{
	volatile uint64_t *words = page;
	uint64_t first = word_of(region, number, version, 0);

	for (unsigned i = 0; i < WORDS; i++)
		words[i] = version ? first + i : 0;
}

/* A change begins: from now on others may find the new version. Only the owner changes a page. */
uint32_t begin_version(struct region *region, unsigned page, int is_zero)
{
	struct page_record *record = &region->records[page];
	uint32_t version = record->begun + 1;

	if (is_zero)
		record->last_zero = version;
	record->begun = version;
	return version;
}

/* It is complete: a reader may not find an older one from now on. */
void finish_version(struct region *region, unsigned page, uint32_t version)
{
	region->records[page].done = version;
}

void set_expected(struct region *region, unsigned page, uint32_t version, uint32_t alternative)
{
	region->expected[page] = (struct expected) { version, alternative };
}

void log_operation(struct region *region, unsigned first, unsigned pages, enum operation operation, int answer)
{
	uint64_t entry = (uint64_t)(now_ms() & 0xfffffff) << 36 | (uint64_t)(self->number | self->is_child << 5) << 30
		| (uint64_t)operation << 24 | (uint64_t)(answer & 0xff) << 16;

	for (unsigned i = first; i < first + pages && i < options.pages; i++) {
		struct page_record *record = &region->records[i];

		record->log[record->log_next++ % LOG_ENTRIES] = entry | (record->begun & 0xffff);
	}
}

/* ---- What is wrong, in one line. ---- */

static int append(char *text, int at, int size, const char *format, ...) __attribute__((format(printf, 4, 5)));

static int append(char *text, int at, int size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text + at, size - at, format, arguments);
	va_end(arguments);
	return at + length < size ? at + length : size - 1;
}

static int append_log(char *text, int at, int size, const struct page_record *record)
{
	uint32_t next = record->log_next;

	for (uint32_t i = next > LOG_ENTRIES ? next - LOG_ENTRIES : 0; i < next; i++) {
		uint64_t entry = record->log[i % LOG_ENTRIES];
		int answer = entry >> 16 & 0xff;

		at = append(text, at, size, " %u:%s%u:%s%s%.0d(v%u)", (unsigned)(entry >> 36), entry >> 35 & 1 ? "child of " : "",
			(unsigned)(entry >> 30 & 31), operation_infos[entry >> 24 & 63].name, answer ? "!" : "", answer, (unsigned)(entry & 0xffff));
	}
	return at;
}

static int append_word(char *text, int at, int size, uint64_t word)
{
	unsigned id = (unsigned)(word >> 44) - 1;

	if (!word)
		return append(text, at, size, "zeros");
	if (!(word >> 44) || (word & 1023) >= WORDS)
		return append(text, at, size, "0x%lx", (unsigned long)word);
	return append(text, at, size, "version %u of page %u/%u/%u", (unsigned)(word >> 10), id >> 12, id >> 9 & 7, id & 511);
}

static void report(struct region *region, unsigned page, unsigned word, uint64_t found, const char *what, uint32_t low, uint32_t high)
{
	char text[1800], step[200];
	int at = 0, size = sizeof(text);

	describe_step(self->step, step, sizeof(step));
	at = append(text, at, size, "WRONG seed %u, %lld ms, %s%d, %s (%s): page %d/%d/%u (%s, %u pages at %p), word %u is ",
		options.seed, (long long)now_ms(), self->is_child ? "child of thread " : "thread ", self->number, what, step, region->owner, region->number, page,
		kind_names[region->kind], region->count, (void *)region->address, word);
	at = append_word(text, at, size, found);
	at = append(text, at, size, ", not version %u%s", low, low ? "" : " (zeros)");
	if (high != low)
		at = append(text, at, size, high == 0 ? " or zeros" : " to %u", high);
	at = append(text, at, size, "; last:");
	at = append_log(text, at, size, &region->records[page]);
	if (region->owner != self->number || self->is_child) {
		const struct step *owners = step_of(region->owner, 0);

		describe_step(owners, step, sizeof(step));
		append(text, at, size, "; its owner %s %s", owners->since ? "is in" : "has ended", step);
	}
	fail("%s", text);
}

/* ---- Judging. ---- */

static unsigned first_difference(const uint64_t *words, uint64_t first, int is_zero)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (words[i] != (is_zero ? 0 : first + i))
			return i;
	return WORDS;
}

static unsigned difference_from(struct region *region, const uint64_t *words, unsigned page, uint32_t version)
{
	return first_difference(words, word_of(region, page, version, 0), version == 0);
}

/* What the owner sees of its own pages. */
void judge_exactly(struct region *region, const char *content, unsigned first, unsigned pages, const char *what)
{
	for (unsigned page = first; page < first + pages; page++) {
		const uint64_t *words = (const uint64_t *)(content + (page - first) * PAGE);
		struct expected expected = region->expected[page];
		unsigned word = difference_from(region, words, page, expected.version);

		if (word == WORDS)
			continue;
		if (expected.alternative != NO_VERSION && difference_from(region, words, page, expected.alternative) == WORDS)
			continue;
		report(region, page, word, words[word], what, expected.version,
			expected.alternative == NO_VERSION ? expected.version : expected.alternative);
	}
}

void open_window(const struct region *region, struct window *window)
{
	for (unsigned i = 0; i < options.pages; i++)
		window->done[i] = region->records[i].done;
}

/* What another thread sees: each word is of a version that the page had meanwhile. */
void judge_within(struct region *region, const char *content, unsigned first, unsigned pages, const struct window *window, const char *what)
{
	for (unsigned page = first; page < first + pages; page++) {
		const uint64_t *words = (const uint64_t *)(content + (page - first) * PAGE);
		uint32_t low = window->done[page], high = region->records[page].begun, last_zero = region->records[page].last_zero;

		for (unsigned i = 0; i < WORDS; i++) {
			uint32_t version = words[i] >> 10;
			int is_right = words[i] ? words[i] == word_of(region, page, version, i) && version >= low && version <= high : last_zero >= low;

			if (!is_right)
				report(region, page, i, words[i], what, low, high);
		}
	}
}

/* ---- Reading what may be unmapped meanwhile. ---- */

static __thread sigjmp_buf fault_return;
static __thread volatile int may_fault;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (may_fault)
		siglongjmp(fault_return, 1);
	fail("signal %d at %p", number, info->si_addr);
}

int copy_safely(void *to, const void *from, size_t bytes)
{
	static _Atomic int has_handler;
	int is_copied = 0;

	if (!has_handler) {
		struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };

		NEED(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
		has_handler = 1;
	}
	if (!sigsetjmp(fault_return, 0)) {
		may_fault = 1;
		for (size_t i = 0; i < bytes / sizeof(uint64_t); i++)
			((volatile uint64_t *)to)[i] = ((const volatile uint64_t *)from)[i];
		is_copied = 1;
	}
	may_fault = 0;
	return is_copied;
}
