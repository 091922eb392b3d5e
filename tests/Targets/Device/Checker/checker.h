/*
 * A checker for `mmun device`: threads change memory of their own in every way, while they and the others let devices read, write, migrate
 * and hold it. README.md in this folder says how to run it and what it judges.
 *
 * Every page has one owner, a thread. Only its owner changes it: by stores, by WRITE, by system calls. So its owner always knows what must
 * be in it. Other threads read it, migrate it and take it for atomics; what they read must be one of the versions that the page had
 * between the begin and the end of their command.
 */
#ifndef CHECKER_H
#define CHECKER_H

#include "../device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <time.h>

#define MAX_THREADS 16
#define MAX_REGIONS 8
#define MAX_PAGES 512
#define MAX_OPENS 8
#define DEVICES 4
#define WORDS (PAGE / sizeof(uint64_t))

/* ---- options.c ---- */

struct options {
	unsigned seed, seconds, threads, regions, pages, opens, stuck_seconds;
	unsigned own, foreign, cpu, change;	/* shares of what a thread does */
	unsigned operations[64];		/* weight of each operation; 0: off */
	unsigned kinds, devices;		/* sets */
	int reuses_addresses, is_fake, has_signals, is_huge, moves_unannounced;
};

extern struct options options;

void read_options(int count, char **arguments);

/* ---- operations.c: everything that a thread does, by name ---- */

enum operation {
	OP_READ, OP_WRITE, OP_TO_DEVICE, OP_TO_SYSTEM, OP_SNAPSHOT, OP_EXCLUSIVE, OP_CHECK_EXCLUSIVE, OP_RELEASE, OP_REOPEN,
	LAST_COMMAND = OP_REOPEN,
	OP_STORE, OP_LOAD, OP_KERNEL_STORE, OP_KERNEL_LOAD,
	LAST_ACCESS = OP_KERNEL_LOAD,
	OP_MUNMAP, OP_HOLE, OP_MAP_OVER, OP_MOVE, OP_MOVE_PART, OP_GROW, OP_SHRINK, OP_DUPLICATE, OP_DONTUNMAP,
	OP_MPROTECT, OP_DONTNEED, OP_PROCESS_DONTNEED, OP_FREE, OP_POPULATE_WRITE, OP_POPULATE_READ, OP_WILLNEED, OP_COLD, OP_PAGEOUT,
	OP_REMOVE, OP_COLLAPSE, OP_MLOCK, OP_GUARD, OP_BRK, OP_FORK, OP_RAW_FORK, OP_WIPEONFORK, OP_DONTFORK, OP_SPAWN,
	OPERATIONS,
};

struct operation_info {
	const char *name;
	unsigned weight;	/* unless the command line says another */
};

extern const struct operation_info operation_infos[OPERATIONS];

unsigned choose_operation(unsigned *random, enum operation first, enum operation last);

/* ---- pages.c: what is in a page, what may be, and what was done to it ---- */

#define LOG_ENTRIES 8
#define NO_VERSION UINT32_MAX

/* What every thread and every child may know of a page; in memory that they share. Versions count the changes of the page. */
struct page_record {
	_Atomic uint32_t begun, done;		/* the last change that began, that is complete */
	_Atomic uint32_t last_zero;		/* the last version that was, or may have been, zeros */
	_Atomic uint32_t log_next;
	_Atomic uint64_t log[LOG_ENTRIES];
};

/* What the owner knows: the page is as this version left it, or as the other one. Version 0 stands for zeros. */
struct expected {
	uint32_t version, alternative;
};

/* ---- regions.c ---- */

enum kind { PRIVATE, SHARED, MEMFD, PRIVATE_FILE, BRK, KINDS };

extern const char *const kind_names[KINDS];

/* Pages next to each other that change places together. */
struct region {
	int owner, number;
	enum kind kind;
	int file;
	_Atomic(char *) address;
	_Atomic unsigned count;		/* how many of its pages are mapped */
	char *used_end;			/* no address beyond has been used at this place */
	int is_single;			/* mapped by one call, and by the kernel's rules still one mapping */
	int is_wiped;			/* children get zeros */
	_Atomic int guests, is_closed;
	struct expected expected[MAX_PAGES];
	struct page_record *records;
};

#define HAS_OWN_PAGES(region) ((region)->kind == PRIVATE || (region)->kind == PRIVATE_FILE || (region)->kind == BRK)
#define IS_ANONYMOUS(region) ((region)->kind == PRIVATE || (region)->kind == BRK)

struct region *region_of(int owner, int number);
void make_regions(void);
char *new_place(struct region *region);
char *map_at(struct region *region, char *address, unsigned first, unsigned count);
int enter(struct region *region);
void leave(struct region *region);
void close_region(struct region *region);
void open_region(struct region *region);

/* ---- watchdog.c: what each thread is doing ---- */

struct step {
	_Atomic int64_t since;		/* ms; 0: nothing */
	_Atomic int operation, owner, region, first, pages, device, thread_id, answer;
	_Atomic(char *) address;
	_Atomic uint64_t count;
};

struct statistics {
	_Atomic uint64_t count[OPERATIONS], slowest[OPERATIONS], busy[OPERATIONS];
};

struct worker {
	int number;
	unsigned random;
	struct step *step;
	char *buffer, *buffer_end;	/* for commands */
	char *scratch;			/* a page for copies */
	int is_child;
	pid_t background;		/* a child that runs beside us */
};

extern __thread struct worker *self;
extern struct statistics *statistics;
extern _Atomic int stop;
extern _Atomic unsigned running;	/* threads that have not ended */

int64_t now_ms(void);
void begin_step(enum operation operation, const struct region *region, char *address, unsigned first, unsigned pages, int device);
void end_step(int answer);
void watch_until(int64_t end);
void make_steps(void);
struct step *step_of(int thread, int is_child);
void describe_step(const struct step *step, char *text, size_t size);
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* ---- pages.c again ---- */

struct window {
	uint32_t done[MAX_PAGES];
};

uint32_t begin_version(struct region *region, unsigned page, int is_zero);
void finish_version(struct region *region, unsigned page, uint32_t version);
void set_expected(struct region *region, unsigned page, uint32_t version, uint32_t alternative);
void write_pattern(void *page, const struct region *region, unsigned number, uint32_t version);
void judge_exactly(struct region *region, const char *content, unsigned first, unsigned pages, const char *what);
void open_window(const struct region *region, struct window *window);
void judge_within(struct region *region, const char *content, unsigned first, unsigned pages, const struct window *window,
	const char *what);
int copy_safely(void *to, const void *from, size_t bytes);
void log_operation(struct region *region, unsigned first, unsigned pages, enum operation operation, int answer);
void make_records(void);
struct page_record *records_of(int owner, int number);
unsigned next_random(unsigned *random);
unsigned below(unsigned limit);
void choose_part(const struct region *region, unsigned *first, unsigned *pages);

/* ---- commands.c, accesses.c, changes.c, children.c: the operations ---- */

void open_devices(void);
void close_devices(void);
int give_command(int nr, int descriptor, const void *address, void *pointer, unsigned long pages, unsigned long *done);
void use_device(struct region *region, enum operation operation);
void use_device_as_guest(struct region *region, enum operation operation);
int inherited_device(int *device);

void access_memory(struct region *region, enum operation operation);
void load_as_guest(struct region *region);
void store_all(struct region *region, unsigned first, unsigned pages);

void change_memory(struct region *region, enum operation operation);

void make_child(struct region *region, enum operation operation);
void spawn_program(void);
void wait_for_background(void);

#endif
