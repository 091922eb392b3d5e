// Maps, grows and moves one mapping, a step for each SIGUSR1; ends with 99 if a step fails.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul
#define FIRST ((char *)0x600000000000)
#define SECOND ((char *)0x610000000000)

static void need(int condition)
{
    if (!condition)
        _exit(99);
}

int main(void)
{
    sigset_t next;
    int signal;
    sigemptyset(&next);
    sigaddset(&next, SIGUSR1);
    sigprocmask(SIG_BLOCK, &next, 0);
    sigwait(&next, &signal);
    need(mmap(FIRST, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == FIRST);
    FIRST[0] = 1;
    sigwait(&next, &signal);
    need(mremap(FIRST, 2 * PAGE, 4 * PAGE, 0) == FIRST);
    FIRST[3 * PAGE] = 2;
    sigwait(&next, &signal);
    need(mremap(FIRST, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, SECOND) == SECOND);
    need(SECOND[0] == 1 && SECOND[3 * PAGE] == 2);
    sigwait(&next, &signal);
    return 0;
}
