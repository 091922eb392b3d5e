// Four threads start programs that end at once, for so many seconds.
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static time_t end;

static void *start(void *unused) {
    char *arguments[] = {"true", NULL};
    while (time(NULL) < end) {
        pid_t child;
        int status;
        if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ)) exit(2);
        if (waitpid(child, &status, 0) != child || status != 0) {
            printf("WRONG status %x\n", status);
            exit(99);
        }
    }

    return unused;
}

int main(int count, char **arguments) {
    pthread_t threads[4];
    end = time(NULL) + atoi(arguments[count - 1]);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, start, NULL);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    printf("fine\n");
    return 0;
}
