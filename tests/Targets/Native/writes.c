// Writes pages all over 64 MiB, beside 32 MiB that it never touches; prints a line that counts. mmun top and mmun report are to show it.
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { Page = 4096, Pages = 16384, Untouched = 32 << 20 };

int main(void)
{
    volatile char *everywhere = mmap(0, (long)Pages * Page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    void *never = mmap(0, Untouched, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (everywhere == (void *)MAP_FAILED || never == MAP_FAILED)
        return 1;
    unsigned random = 1;
    for (int i = 0;; i++) {
        for (int j = 0; j < 1000; j++) {
            random = random * 1664525 + 1013904223;
            everywhere[(long)(random >> 18) * Page]++;
        }
        printf("%d\n", i);
        fflush(stdout);
        usleep(10000);
    }
}
