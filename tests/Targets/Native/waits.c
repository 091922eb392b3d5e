// Threads that wait in every call that a stop could disturb; if one returns, this ends with 9. Without an argument it ends with 0 and
// "undisturbed" after three seconds or, on a busy machine, more; with one it prints growing numbers for ever.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *kinds[] = {"epoll", "epoll-t", "ring", "ring-t", "recv-t", "sigwait-t", "sem", "sem-t", "aio", "aio-t"};
enum { Kinds = sizeof kinds / sizeof *kinds };

static void *wait_somehow(void *which) {
    const char *kind = which;
    struct timespec limit = {100000, 0};
    struct timeval socket_limit = {100000, 0};
    struct epoll_event event;
    struct sembuf down = {0, -1, 0};
    sigset_t signals;
    char buffer[64];
    int pair[2], queue = epoll_create1(0);
    long result = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &socket_limit, sizeof socket_limit);
    if (!strcmp(kind, "epoll")) result = epoll_wait(queue, &event, 1, -1);
    if (!strcmp(kind, "epoll-t")) result = epoll_wait(queue, &event, 1, 100000000);
    if (!strncmp(kind, "ring", 4)) {
        struct io_uring_params parameters = {0};
        struct io_uring_getevents_arg argument = {.ts = (unsigned long)&limit};
        int ring = syscall(SYS_io_uring_setup, 8, &parameters);
        if (ring < 0) return NULL; // denied here
        result = strcmp(kind, "ring-t")
            ? syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0)
            : syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
    }
    if (!strcmp(kind, "recv-t")) result = recv(pair[0], buffer, 1, 0);
    if (!strcmp(kind, "sigwait-t")) result = sigtimedwait(&signals, NULL, &limit);
    if (!strncmp(kind, "sem", 3)) result = semtimedop(semget(IPC_PRIVATE, 1, 0600), &down, 1, strcmp(kind, "sem-t") ? NULL : &limit);
    if (!strncmp(kind, "aio", 3)) {
        unsigned long context = 0;
        syscall(SYS_io_setup, 4, &context);
        result = syscall(SYS_io_getevents, context, 1, 1, buffer, strcmp(kind, "aio-t") ? NULL : &limit);
    }
    printf("%s returned %ld: %s\n", kind, result, strerror(errno));
    fflush(stdout);
    _exit(9);
}

int main(int count, char **arguments) {
    (void)arguments;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    pthread_t thread;
    for (int i = 0; i < Kinds; i++) pthread_create(&thread, NULL, wait_somehow, (void *)kinds[i]);
    for (int i = 0; count > 1; i++) {
        printf("%d\n", i);
        fflush(stdout);
        usleep(20000);
    }
    for (int i = 0; i < 1500; i++) usleep(2000);
    printf("undisturbed\n");
    fflush(stdout);
    _exit(0);
}
