// Leaks: keeps 64 KiB more every 10 ms, up to a bound, and prints a line that counts. mmun top and mmun report are to show it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { Bytes = 64 << 10, Most = 8192 };

int main(void)
{
    for (int i = 0;; i++) {
        if (i < Most) {
            char *kept = malloc(Bytes);
            if (kept)
                memset(kept, 1, Bytes);
        }
        printf("%d\n", i);
        fflush(stdout);
        usleep(10000);
    }
}
