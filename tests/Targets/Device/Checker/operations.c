/* The names of everything that a thread does, and how often it is chosen. */
#include "checker.h"

const struct operation_info operation_infos[OPERATIONS] = {
	[OP_READ] = { "READ", 20 }, [OP_WRITE] = { "WRITE", 20 }, [OP_TO_DEVICE] = { "MIGRATE_TO_DEV", 30 },
	[OP_TO_SYSTEM] = { "MIGRATE_TO_SYS", 15 }, [OP_SNAPSHOT] = { "SNAPSHOT", 5 }, [OP_EXCLUSIVE] = { "EXCLUSIVE", 10 },
	[OP_CHECK_EXCLUSIVE] = { "CHECK_EXCLUSIVE", 3 }, [OP_RELEASE] = { "RELEASE", 1 }, [OP_REOPEN] = { "REOPEN", 2 },
	[OP_STORE] = { "STORE", 10 }, [OP_LOAD] = { "LOAD", 10 }, [OP_KERNEL_STORE] = { "KERNEL_STORE", 4 },
	[OP_KERNEL_LOAD] = { "KERNEL_LOAD", 4 },
	[OP_MUNMAP] = { "munmap", 10 }, [OP_HOLE] = { "hole", 5 }, [OP_MAP_OVER] = { "map_over", 5 }, [OP_MOVE] = { "move", 10 },
	[OP_MOVE_PART] = { "move_part", 5 }, [OP_GROW] = { "grow", 5 }, [OP_SHRINK] = { "shrink", 5 }, [OP_DUPLICATE] = { "duplicate", 5 },
	[OP_DONTUNMAP] = { "dontunmap", 5 }, [OP_MPROTECT] = { "mprotect", 8 }, [OP_DONTNEED] = { "dontneed", 10 },
	[OP_PROCESS_DONTNEED] = { "process_dontneed", 3 }, [OP_FREE] = { "free", 5 }, [OP_POPULATE_WRITE] = { "populate_write", 5 },
	[OP_POPULATE_READ] = { "populate_read", 3 }, [OP_WILLNEED] = { "willneed", 2 }, [OP_COLD] = { "cold", 2 }, [OP_PAGEOUT] = { "pageout", 2 },
	[OP_REMOVE] = { "remove", 5 }, [OP_COLLAPSE] = { "collapse", 1 }, [OP_MLOCK] = { "mlock", 4 }, [OP_GUARD] = { "guard", 2 },
	[OP_BRK] = { "brk", 10 }, [OP_FORK] = { "fork", 2 }, [OP_RAW_FORK] = { "raw_fork", 1 }, [OP_WIPEONFORK] = { "wipeonfork", 1 },
	[OP_DONTFORK] = { "dontfork", 1 }, [OP_SPAWN] = { "spawn", 1 },
};

/* One of those from first to last, by weight; OPERATIONS if all of them are off. */
unsigned choose_operation(unsigned *random, enum operation first, enum operation last)
{
	unsigned sum = 0, chosen;

	for (int i = first; i <= (int)last; i++)
		sum += options.operations[i];
	if (!sum)
		return OPERATIONS;
	chosen = next_random(random) % sum;
	for (int i = first; i <= (int)last; i++) {
		if (chosen < options.operations[i])
			return i;
		chosen -= options.operations[i];
	}
	return OPERATIONS;
}
