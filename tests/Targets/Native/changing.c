// A program that changes at a signal: signals make it exit, execute itself, or end one thread, the one that the signal is sent to.
// It checks its memory all the time; "WRONG" on standard output and exit code 99 say that something was not what it should be.
//   SIGRTMIN    the process exits with code 7
//   SIGRTMIN+1  the thread executes this program again
//   SIGRTMIN+2  the thread ends
//   SIGRTMIN+3  "pong PID" is printed
// As "root" it makes a child that does the same, and prints the numbers of both.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { threads = 3, pages = 32, page = 4096 };

static sigset_t orders;

static void say(const char *text) {
    if (write(1, text, strlen(text)) < 0) _exit(98);
}

static void obey(int signal) {
    char line[64];
    switch (signal - SIGRTMIN) {
    case 0: _exit(7);
    case 1:
        // Orders wait until the new program can take them.
        pthread_sigmask(SIG_BLOCK, &orders, NULL);
        execl("/proc/self/exe", "changing", "again", (char *)NULL);
        say("WRONG exec\n");
        _exit(99);
    case 2: syscall(SYS_exit, 0); break;
    case 3:
        snprintf(line, sizeof line, "pong %d\n", getpid());
        say(line);
        break;
    }
}

static void *work(void *argument) {
    long own = (long)argument;
    pthread_sigmask(SIG_UNBLOCK, &orders, NULL);
    volatile unsigned char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned char round = 1;; round++) {
        for (int i = 0; i < pages; i++) memory[i * page] = round + i + own;
        char *other = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        other[page] = 1;
        munmap(other, 4 * page);
        usleep(2000);
        for (int i = 0; i < pages; i++) {
            if (memory[i * page] == (unsigned char)(round + i + own)) continue;
            say("WRONG memory\n");
            _exit(99);
        }
    }
}

int main(int count, char **arguments) {
    sigemptyset(&orders);
    for (int i = 0; i < 4; i++) sigaddset(&orders, SIGRTMIN + i);
    pthread_sigmask(SIG_BLOCK, &orders, NULL);
    struct sigaction action = {.sa_handler = obey, .sa_flags = SA_RESTART};
    for (int i = 0; i < 4; i++) sigaction(SIGRTMIN + i, &action, NULL);
    signal(SIGCHLD, SIG_IGN);
    int child = 0;
    if (count > 1 && !strcmp(arguments[1], "root")) child = fork();
    int is_root = child != 0;
    pthread_t thread;
    for (long i = 1; i <= threads; i++) pthread_create(&thread, NULL, work, (void *)i);
    if (is_root) {
        char line[64];
        snprintf(line, sizeof line, "%d %d\n", getpid(), child);
        say(line);
    }

    work((void *)4L);
}
