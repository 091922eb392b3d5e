// Many mappings of one page each, with gaps between them; some pages are written all the time.
// usage: many_mappings MAPPINGS WRITTEN
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int mappings = atoi(argv[1]), written = atoi(argv[2]);
    size_t page = 4096;
    volatile char *base = mmap(0, 2 * mappings * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (argc != 3 || base == MAP_FAILED)
        return 2;
    for (int i = 0; i < mappings; i++) {
        if (mprotect((char *)base + 2 * i * page, page, PROT_READ | PROT_WRITE))
            return 2;
        base[2 * i * page] = (char)i;
    }
    for (;;) {
        for (int i = 0; i < written; i++)
            base[2 * (size_t)i * (mappings / written) * page]++;
        usleep(1000);
    }
}
