// Makes batches of children that write a little memory. A batch ends at SIGUSR1, and the next one begins.
// usage: brood BATCHES CHILDREN
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_CHILDREN 1000

int main(int argc, char **argv)
{
    if (argc != 3 || atoi(argv[2]) > MAX_CHILDREN)
        return 2;
    int batches = atoi(argv[1]), children = atoi(argv[2]), signal;
    pid_t ids[MAX_CHILDREN];
    sigset_t next;
    sigemptyset(&next);
    sigaddset(&next, SIGUSR1);
    sigprocmask(SIG_BLOCK, &next, 0);
    for (int batch = 0; batch < batches; batch++) {
        for (int i = 0; i < children; i++) {
            if ((ids[i] = fork()))
                continue;
            volatile char *memory = malloc(1 << 16);
            for (int offset = 0; offset < 1 << 16; offset += 4096)
                memory[offset] = 1;
            for (;;)
                pause();
        }
        sigwait(&next, &signal);
        for (int i = 0; i < children; i++) {
            kill(ids[i], SIGKILL);
            waitpid(ids[i], 0, 0);
        }
    }
    return 0;
}
