/* The command line: NAME=VALUE each. */
#include "checker.h"

struct options options = {
	.seed = 1, .seconds = 10, .threads = 4, .regions = 2, .pages = 48, .opens = 4, .stuck_seconds = 20,
	.own = 35, .foreign = 35, .cpu = 15, .change = 15,
	.kinds = (1u << KINDS) - 1, .devices = 0xf, .has_signals = 1,
};

static void usage(const char *argument)
{
	fprintf(stderr,
		"checker: what is \"%s\"?\n"
		"  seed=N seconds=N threads=N regions=N (of a thread) pages=N (of a region) opens=N (of each device) stuck=SECONDS\n"
		"  mix=OWN,FOREIGN,CPU,CHANGE   shares of: commands on own memory, on others' memory, accesses, system calls\n"
		"  devices=0,1,2,3              kinds=private,shared,memfd,private_file,brk\n"
		"  commands=NAME,...            only these commands of the device; calls=NAME,... only these system calls; accesses=NAME,...\n"
		"  without=NAME,...             all but these; with=NAME:WEIGHT,... also these\n"
		"  reuse=1 (addresses, without waiting for others' commands) fake=1 (no device: a control run) signals=0 huge=1\n"
		"  unannounced=1 (moves by mremap past the C library, which are not announced to the device)\n"
		"operations, and how often each is chosen:\n ", argument);
	for (int i = 0; i < OPERATIONS; i++)
		fprintf(stderr, " %s:%u%s", operation_infos[i].name, operation_infos[i].weight, i == LAST_COMMAND || i == LAST_ACCESS ? "\n " : "");
	fputc('\n', stderr);
	exit(2);
}

static int operation_named(const char *name, size_t length)
{
	for (int i = 0; i < OPERATIONS; i++)
		if (strlen(operation_infos[i].name) == length && !strncmp(operation_infos[i].name, name, length))
			return i;
	return -1;
}

/* Sets the weights of the operations named; a name may carry a weight, NAME:WEIGHT. */
static int set_weights(const char *list, enum operation first, enum operation last, int is_off)
{
	while (*list) {
		size_t length = strcspn(list, ",:");
		int operation = operation_named(list, length);

		if (operation < (int)first || operation > (int)last)
			return 0;
		options.operations[operation] = is_off ? 0 : operation_infos[operation].weight ? operation_infos[operation].weight : 1;
		list += length;
		if (*list == ':')
			options.operations[operation] = strtoul(list + 1, (char **)&list, 10);
		list += *list == ',';
	}
	return 1;
}

static int set_only(const char *list, enum operation first, enum operation last)
{
	for (int i = first; i <= (int)last; i++)
		options.operations[i] = 0;
	return set_weights(list, first, last, 0);
}

static int set_kinds(const char *list)
{
	options.kinds = 0;
	while (*list) {
		size_t length = strcspn(list, ",");
		int found = 0;

		for (int i = 0; i < KINDS; i++)
			if (strlen(kind_names[i]) == length && !strncmp(kind_names[i], list, length)) {
				options.kinds |= 1u << i;
				found = 1;
			}
		if (!found)
			return 0;
		list += length + (list[length] == ',');
	}
	return options.kinds != 0;
}

static int set_devices(const char *list)
{
	options.devices = 0;
	for (; *list; list += list[1] ? 2 : 1) {
		if (*list < '0' || *list >= '0' + DEVICES || (list[1] && list[1] != ','))
			return 0;
		options.devices |= 1u << (*list - '0');
	}
	return options.devices != 0;
}

static int set_number(const char *name, const char *value)
{
	const struct { const char *name; unsigned *where, least, most; } numbers[] = {
		{ "seed", &options.seed, 0, UINT32_MAX }, { "seconds", &options.seconds, 1, 1000000 },
		{ "threads", &options.threads, 1, MAX_THREADS }, { "regions", &options.regions, 1, MAX_REGIONS },
		{ "pages", &options.pages, 1, MAX_PAGES }, { "opens", &options.opens, 1, MAX_OPENS },
		{ "stuck", &options.stuck_seconds, 1, 1000 },
		{ "reuse", (unsigned *)&options.reuses_addresses, 0, 1 }, { "fake", (unsigned *)&options.is_fake, 0, 1 },
		{ "signals", (unsigned *)&options.has_signals, 0, 1 }, { "huge", (unsigned *)&options.is_huge, 0, 1 },
		{ "unannounced", (unsigned *)&options.moves_unannounced, 0, 1 },
	};
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(name, numbers[i].name) && !*end && *value && number >= numbers[i].least && number <= numbers[i].most) {
			*numbers[i].where = number;
			return 1;
		}
	return 0;
}

static int set_option(const char *name, const char *value)
{
	if (!strcmp(name, "mix"))
		return sscanf(value, "%u,%u,%u,%u", &options.own, &options.foreign, &options.cpu, &options.change) == 4
			&& options.own + options.foreign + options.cpu + options.change > 0;
	if (!strcmp(name, "devices"))
		return set_devices(value);
	if (!strcmp(name, "kinds"))
		return set_kinds(value);
	if (!strcmp(name, "commands"))
		return set_only(value, 0, LAST_COMMAND);
	if (!strcmp(name, "accesses"))
		return set_only(value, LAST_COMMAND + 1, LAST_ACCESS);
	if (!strcmp(name, "calls"))
		return set_only(value, LAST_ACCESS + 1, OPERATIONS - 1);
	if (!strcmp(name, "without"))
		return set_weights(value, 0, OPERATIONS - 1, 1);
	if (!strcmp(name, "with"))
		return set_weights(value, 0, OPERATIONS - 1, 0);
	return set_number(name, value);
}

void read_options(int count, char **arguments)
{
	for (int i = 0; i < OPERATIONS; i++)
		options.operations[i] = operation_infos[i].weight;
	for (int i = 1; i < count; i++) {
		char name[16] = "";
		const char *value = strchr(arguments[i], '=');

		if (value && value - arguments[i] < (long)sizeof(name))
			memcpy(name, arguments[i], value - arguments[i]);
		if (!*name || !set_option(name, value + 1))
			usage(arguments[i]);
	}
}
