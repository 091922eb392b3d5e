// A debugger: its children ask to be traced (PTRACE_TRACEME) or are traced by it (PTRACE_SEIZE), each after another while. Ends with 0 if
// none was refused. One child is only traced at the end.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
    int rounds = count > 1 ? atoi(arguments[1]) : 50, refused = 0, status;
    int late = fork();
    if (!late)
        for (;;) pause();
    for (int i = 0; i < rounds; i++) {
        int child = fork();
        if (!child) {
            usleep(i % 7 * 2000);
            if (ptrace(PTRACE_TRACEME, 0, 0, 0)) _exit(99);
            execl("/bin/true", "true", (char *)0);
            _exit(98);
        }
        waitpid(child, &status, 0);
        if (WIFSTOPPED(status)) {
            ptrace(PTRACE_CONT, child, 0, 0);
            waitpid(child, &status, 0);
        }
        refused += !WIFEXITED(status) || WEXITSTATUS(status) != 0;

        child = fork();
        if (!child)
            for (;;) pause();
        usleep(i % 11 * 1500);
        refused += ptrace(PTRACE_SEIZE, child, 0, 0) != 0;
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    refused += ptrace(PTRACE_SEIZE, late, 0, 0) != 0;
    kill(late, SIGKILL);
    waitpid(late, &status, 0);
    printf("%d refused\n", refused);
    return refused ? 9 : 0;
}
