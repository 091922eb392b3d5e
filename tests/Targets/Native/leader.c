// The main thread ends at once; another one writes memory, maps and unmaps, and counts on standard output, for so many rounds.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static long rounds;

static void *work(void *unused) {
    volatile long *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    usleep(50000);
    for (long round = 1; round <= rounds; round++) {
        for (int i = 0; i < 256; i++) memory[i * 512 + round % 512] = round;
        char *other = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *other = 1;
        munmap(other, 1 << 16);
        printf("%ld\n", round);
        fflush(stdout);
        usleep(10000);
    }

    exit(0);
    return unused;
}

int main(int count, char **arguments) {
    pthread_t thread;
    rounds = count > 1 ? atol(arguments[1]) : 1000000;
    pthread_create(&thread, NULL, work, NULL);
    pthread_exit(NULL);
}
