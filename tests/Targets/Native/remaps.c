// Maps 1 MiB, writes it and unmaps it, again and again; prints a line that counts. mmun top and mmun report are to show it.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { Bytes = 1 << 20 };

int main(void)
{
    for (int i = 0;; i++) {
        char *buffer = mmap(0, Bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (buffer == MAP_FAILED)
            return 1;
        memset(buffer, i, Bytes);
        usleep(4000);
        munmap(buffer, Bytes);
        if (i % 4 == 0) {
            printf("%d\n", i);
            fflush(stdout);
        }
        usleep(1000);
    }
}
