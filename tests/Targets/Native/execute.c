// Executes itself again and again, each time from a thread that is not the first, while 300 other threads wait; prints a dot each time.
// The delay before it differs, so that it meets a tracer at every place.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *idle(void *unused) {
    for (;;) pause();
    return unused;
}

static void *execute(void *argument) {
    int left = atoi(argument);
    char text[16];
    usleep(20000 + left * 7919 % 15000);
    if (left == 0) _exit(0);
    snprintf(text, sizeof text, "%d", left - 1);
    if (write(1, ".", 1) < 0) _exit(2);
    execl("/proc/self/exe", "execute", text, (char *)0);
    _exit(3);
}

int main(int count, char **arguments) {
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int i = 0; i < 300; i++) pthread_create(&thread, &small, idle, NULL);
    pthread_create(&thread, &small, execute, arguments[count - 1]);
    for (;;) pause();
}
