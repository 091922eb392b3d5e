// Two processes in one memory (clone with CLONE_VM, without CLONE_THREAD); the second writes all the time.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { Pages = 64, StackBytes = 1 << 18 };
static char *memory;
static pid_t first;

static int write_always(void *unused) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // A parent that ended before this call sends nothing.
    if (getppid() != first) _exit(0);
    for (long i = 0;; i++) {
        for (int page = 0; page < Pages; page++) ((volatile long *)(memory + page * 4096))[i % 512] = i;
        if (i % 64 == 0) usleep(100);
    }
    return unused != NULL;
}

int main(int count, char **arguments) {
    memory = mmap(NULL, Pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    first = getpid();
    char *stack = mmap(NULL, StackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int partner = clone(write_always, stack + StackBytes, CLONE_VM | SIGCHLD, NULL);
    printf("%d\n", partner);
    fflush(stdout);
    for (int i = 0; i < (count > 1 ? atoi(arguments[1]) : 1500); i++) usleep(2000);
    kill(partner, SIGKILL);
    waitpid(partner, NULL, 0);
    return 0;
}
