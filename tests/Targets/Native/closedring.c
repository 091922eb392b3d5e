// Reads into registered buffers through an io_uring whose descriptor was registered and closed; ends after 12000 reads.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { Pages = 256 };

int main(void) {
    struct io_uring_params parameters = {0};
    int ring = syscall(SYS_io_uring_setup, 8, &parameters);
    if (ring < 0) return 77; // denied here
    size_t entries = parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe);
    size_t indexes = parameters.sq_off.array + parameters.sq_entries * 4;
    char *rings = mmap(NULL, entries > indexes ? entries : indexes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
    struct io_uring_sqe *submissions =
        mmap(NULL, parameters.sq_entries * sizeof *submissions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
    _Atomic unsigned *tail = (void *)(rings + parameters.sq_off.tail), *done = (void *)(rings + parameters.cq_off.head);
    unsigned mask = *(unsigned *)(rings + parameters.sq_off.ring_mask), *index = (void *)(rings + parameters.sq_off.array);
    char *memory = mmap(NULL, Pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    struct iovec buffer = {memory, Pages * 4096};
    if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1)) return 77;
    struct io_uring_rsrc_update registration = {.offset = -1u, .data = ring};
    if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_RING_FDS, &registration, 1) != 1) return 77;
    close(ring);
    int random = open("/dev/urandom", O_RDONLY);
    for (long i = 0; i < 12000; i++) {
        unsigned slot = *tail & mask;
        memset(&submissions[slot], 0, sizeof *submissions);
        submissions[slot].opcode = IORING_OP_READ_FIXED;
        submissions[slot].fd = random;
        submissions[slot].addr = (unsigned long)memory + i % Pages * 4096;
        submissions[slot].len = 4096;
        index[slot] = slot;
        atomic_fetch_add(tail, 1);
        long answer = syscall(SYS_io_uring_enter, registration.offset, 1, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_REGISTERED_RING, NULL, 0);
        if (answer < 0 && errno != EINTR) return 5;
        atomic_fetch_add(done, 1);
        usleep(100);
    }
    return 0;
}
