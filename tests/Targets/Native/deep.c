// Waits at the bottom of a recursion, with no room left on its main stack; prints growing numbers.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int down(int depth) {
    volatile char frame[2000];
    memset((void *)frame, 1, sizeof frame);
    if (depth > 0) return down(depth - 1) + frame[depth % 2000];
    for (int i = 0; i >= 0; i++) {
        printf("%d\n", i);
        fflush(stdout);
        usleep(20000);
    }
    return 0;
}

int main(void) { return down(500); }
