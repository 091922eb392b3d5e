// Registers memory of its own with userfaultfd some time after it was mapped, and answers its faults itself. Prints "fine" and ends with 0.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { Pages = 64, Touches = 3000, Page = 4096 };
static int descriptor;
static char *memory;
static _Atomic int wanted[Pages];
static _Atomic long answered;

static void *answer(void *unused) {
    char *page = aligned_alloc(Page, Page);
    for (;;) {
        struct uffd_msg message;
        if (read(descriptor, &message, sizeof message) != sizeof message || message.event != UFFD_EVENT_PAGEFAULT) continue;
        unsigned long address = message.arg.pagefault.address & ~(Page - 1ul);
        memset(page, 0, Page);
        *(int *)page = wanted[(address - (unsigned long)memory) / Page];
        struct uffdio_copy copy = {.dst = address, .src = (unsigned long)page, .len = Page};
        ioctl(descriptor, UFFDIO_COPY, &copy);
        answered++;
    }
    return unused;
}

int main(void) {
    memory = mmap(NULL, Pages * Page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("go\n");
    fflush(stdout);
    usleep(700000);
    descriptor = syscall(SYS_userfaultfd, O_CLOEXEC);
    struct uffdio_api api = {.api = UFFD_API};
    if (descriptor < 0 || ioctl(descriptor, UFFDIO_API, &api)) return 3;
    struct uffdio_register registration = {.range = {(unsigned long)memory, Pages * Page}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    if (ioctl(descriptor, UFFDIO_REGISTER, &registration)) {
        perror("UFFDIO_REGISTER");
        return 4;
    }
    pthread_t thread;
    pthread_create(&thread, NULL, answer, NULL);
    for (int i = 0; i < Touches; i++) {
        int page = i % Pages;
        wanted[page] = i + 1;
        madvise(memory + page * Page, Page, MADV_DONTNEED);
        if (*(volatile int *)(memory + page * Page) != i + 1) {
            printf("WRONG page %d in touch %d\n", page, i);
            return 5;
        }
        usleep(300);
    }
    printf("%ld of %d touches answered\n", answered, Touches);
    if (answered != Touches) return 6; // a fault that was not ours
    printf("fine\n");
    return 0;
}
