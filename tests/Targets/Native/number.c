// Makes a process with a given number as soon as the number is free, as a busy machine does by chance; it lives as long as this program.
// usage: number PID; prints "ready" when the process lives; 3: numbers cannot be chosen here
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    pid_t number = atoi(argv[1]), parent = getpid();
    for (int tries = 0; tries < 100000; tries++) {
        struct clone_args arguments = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1};
        long child = syscall(SYS_clone3, &arguments, sizeof arguments);
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            // A parent that ended before this call sends nothing.
            if (getppid() != parent)
                return 0;
            for (;;)
                pause();
        }
        if (child > 0) {
            if (write(1, "ready\n", 6) < 0)
                return 2;
            waitpid(child, 0, 0);
            return 0;
        }
        if (errno != EEXIST)
            return 3;
        usleep(100);
    }
    return 4;
}
