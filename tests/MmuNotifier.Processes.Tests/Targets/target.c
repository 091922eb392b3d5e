// A program that checks itself. Every mode answers each line on standard input by one line; what is wrong ends it with a message.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/ipc.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// What probe() loads and what it finds afterwards.
struct state {
    uint8_t vectors[32][64];
    uint64_t masks[8];
    uint64_t general[16]; // rbx rbp r8 r9 r12 r13 r14 r15 rdi rsi rdx r10 (rest unused)
    uint64_t redzone[16];
    uint64_t flags, mxcsr, result;
};
struct state before __attribute__((aligned(64))), after __attribute__((aligned(64)));
uint64_t probe_number, probe_spins;
int has_avx512;
void probe(void);

// Loads every register, makes a system call (probe_spins == 0) or spins, and stores every register.
__asm__(
    ".text\n.globl probe\nprobe:\n"
    "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "ldmxcsr before+2376(%rip)\n"
    "cmpl $0, has_avx512(%rip)\n je 1f\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    "vmovups before+64*\\n(%rip), %zmm\\n\n.endr\n"
    ".irp n,1,2,3,4,5,6,7\n kmovq before+2048+8*\\n(%rip), %k\\n\n.endr\n"
    "jmp 2f\n1:\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovups before+64*\\n(%rip), %ymm\\n\n.endr\n"
    "2:\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n mov before+2240+8*\\n(%rip), %rax; mov %rax, -8-8*\\n(%rsp)\n.endr\n"
    "mov before+2112(%rip), %rbx; mov before+2120(%rip), %rbp; mov before+2128(%rip), %r8; mov before+2136(%rip), %r9\n"
    "mov before+2144(%rip), %r12; mov before+2152(%rip), %r13; mov before+2160(%rip), %r14; mov before+2168(%rip), %r15\n"
    "mov before+2176(%rip), %rdi; mov before+2184(%rip), %rsi; mov before+2192(%rip), %rdx; mov before+2200(%rip), %r10\n"
    "mov probe_spins(%rip), %rcx\n"
    "test %rcx, %rcx\n jnz 3f\n"
    "mov probe_number(%rip), %rax\n std\n stc\n syscall\n jmp 4f\n"
    "3: xor %eax, %eax\n std\n stc\n 5: dec %rcx\n jnz 5b\n"
    "4:\n"
    "mov %rax, after+2384(%rip)\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n mov -8-8*\\n(%rsp), %rax; mov %rax, after+2240+8*\\n(%rip)\n.endr\n"
    "pushfq\n pop after+2368(%rip)\n cld\n"
    "mov %rbx, after+2112(%rip); mov %rbp, after+2120(%rip); mov %r8, after+2128(%rip); mov %r9, after+2136(%rip)\n"
    "mov %r12, after+2144(%rip); mov %r13, after+2152(%rip); mov %r14, after+2160(%rip); mov %r15, after+2168(%rip)\n"
    "mov %rdi, after+2176(%rip); mov %rsi, after+2184(%rip); mov %rdx, after+2192(%rip); mov %r10, after+2200(%rip)\n"
    "stmxcsr after+2376(%rip)\n"
    "cmpl $0, has_avx512(%rip)\n je 6f\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    "vmovups %zmm\\n, after+64*\\n(%rip)\n.endr\n"
    ".irp n,1,2,3,4,5,6,7\n kmovq %k\\n, after+2048+8*\\n(%rip)\n.endr\n"
    "jmp 7f\n6:\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovups %ymm\\n, after+64*\\n(%rip)\n.endr\n"
    "7: vzeroupper\n pushq $0x1f80; ldmxcsr (%rsp); add $8, %rsp\n"
    "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n ret\n");

_Static_assert(__builtin_offsetof(struct state, masks) == 2048, "masks");
_Static_assert(__builtin_offsetof(struct state, general) == 2112, "general");
_Static_assert(__builtin_offsetof(struct state, redzone) == 2240, "redzone");
_Static_assert(__builtin_offsetof(struct state, flags) == 2368, "flags");

static char alternate[32768];
static sigset_t blocked;
static __thread int canary = 4711;

static void fail(const char *what) {
    printf("WRONG %s\n", what);
    fflush(stdout);
    _exit(99);
}

static void check_process(void) {
    stack_t now;
    sigset_t mask;
    sigaltstack(NULL, &now);
    if (now.ss_sp != alternate || now.ss_size != sizeof alternate || now.ss_flags != 0) fail("sigaltstack");
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    if (memcmp(&mask, &blocked, 8)) fail("signal mask");
    if (canary != 4711) fail("thread-local storage");
}

static int has_last_arguments;
static uint64_t last_arguments[2]; // r8 and r9
static void run_probe(void) {
    for (size_t i = 0; i < sizeof before.vectors; i++) ((uint8_t *)before.vectors)[i] = rand();
    for (int i = 0; i < 8; i++) before.masks[i] = ((uint64_t)rand() << 32) ^ rand();
    for (int i = 0; i < 8; i++) before.general[i] = ((uint64_t)rand() << 40) ^ rand();
    if (has_last_arguments) memcpy(before.general + 2, last_arguments, sizeof last_arguments);
    for (int i = 0; i < 16; i++) before.redzone[i] = ((uint64_t)rand() << 40) ^ rand();
    before.mxcsr = 0x7f80; // round to zero
    probe();
    int vectors = has_avx512 ? 32 : 16, size = has_avx512 ? 64 : 32;
    for (int i = 0; i < vectors; i++)
        if (memcmp(before.vectors[i], after.vectors[i], size)) fail("vector register");
    if (has_avx512 && memcmp(before.masks + 1, after.masks + 1, 56)) fail("mask register");
    if (memcmp(before.general, after.general, 12 * 8)) fail("general register");
    if (memcmp(before.redzone, after.redzone, sizeof before.redzone)) fail("red zone");
    if ((uint32_t)after.mxcsr != 0x7f80) fail("mxcsr");
    if ((after.flags & 0x401) != 0x401) fail("flags");
    if (after.flags & 0x100) fail("trap flag");
    check_process();
}

static void answer(const char *line) {
    printf("%s", line);
    fflush(stdout);
}

// Blocked in read; the read must be restarted, never seen as interrupted.
static int idle(void) {
    static char buffer[256];
    long rounds = 0;
    for (;;) {
        probe_number = SYS_read;
        probe_spins = 0;
        before.general[8] = 0;
        before.general[9] = (uint64_t)buffer;
        before.general[10] = sizeof buffer;
        before.general[11] = 0;
        run_probe();
        if ((int64_t)after.result < 0) fail("read was interrupted");
        if (after.result == 0) return 0;
        char text[64];
        snprintf(text, sizeof text, "ok %ld %d\n", ++rounds, getpid());
        answer(text);
    }
}

// In a sleep with a relative time-out, again and again: EINTR is counted and printed.
static int sleeper(void) {
    static struct timespec time;
    static char buffer[256];
    long interrupted = 0;
    for (;;) {
        time = (struct timespec){0, 20000000};
        probe_number = SYS_nanosleep;
        probe_spins = 0;
        before.general[8] = (uint64_t)&time;
        before.general[9] = before.general[10] = before.general[11] = 0;
        run_probe();
        if ((int64_t)after.result == -EINTR) interrupted++;
        else if (after.result != 0) fail("nanosleep");
        struct pollfd input = {0, POLLIN, 0};
        if (poll(&input, 1, 0) <= 0) continue;
        if (read(0, buffer, sizeof buffer) <= 0) return 0;
        char text[64];
        snprintf(text, sizeof text, "ok %ld\n", interrupted);
        answer(text);
    }
}

// In user code with every register in use.
static int busy(void) {
    static char buffer[256];
    for (;;) {
        probe_spins = 20000000;
        for (int i = 8; i < 12; i++) before.general[i] = rand();
        run_probe();
        struct pollfd input = {0, POLLIN, 0};
        if (poll(&input, 1, 0) <= 0) continue;
        if (read(0, buffer, sizeof buffer) <= 0) return 0;
        answer("ok\n");
    }
}

static volatile uint64_t received[65];
static volatile int stopping;

static void count(int signal) { __atomic_add_fetch(&received[signal - SIGRTMIN], 1, __ATOMIC_RELAXED); }

static void *spin(void *unused) {
    (void)unused;
    volatile double x = 1;
    while (!stopping) x = x * 1.000001 + 1;
    return NULL;
}

static void *brief(void *unused) { return unused; }

static void *churn(void *unused) {
    while (!stopping) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, brief, NULL) == 0) pthread_join(thread, NULL);
    }
    return unused;
}

// Threads that compute, threads that make threads, and real-time signals that are counted; "N" in the answer counts all signals.
static int storm(void) {
    struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
    for (int i = 0; i < 4; i++) sigaction(SIGRTMIN + i, &action, NULL);
    pthread_t threads[4];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, spin, NULL);
    for (int i = 2; i < 4; i++) pthread_create(&threads[i], NULL, churn, NULL);
    answer("ready\n");
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        printf("%lu %lu %lu %lu\n", received[0], received[1], received[2], received[3]);
        fflush(stdout);
    }
    stopping = 1;
    return 0;
}

static volatile long interruptions[8], earlies[8], ends[8];
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static void *wait_somehow(void *which) {
    long kind = (long)which;
    int queue = epoll_create1(0), lock = 0, pipe_ends[2];
    int semaphore = semget(IPC_PRIVATE, 1, 0600);
    if (pipe(pipe_ends)) fail("pipe");
    double began = seconds();
    long result = 0;
    sigset_t none;
    siginfo_t info;
    struct epoll_event event;
    struct timespec two = {2, 0};
    sigemptyset(&none);
    sigaddset(&none, SIGUSR1);
    switch (kind) {
    case 0: result = nanosleep(&two, NULL); break;
    case 1: result = poll(NULL, 0, 2000); break;
    case 2:
        result = syscall(SYS_futex, &lock, FUTEX_WAIT_PRIVATE, 0, &two, NULL, 0);
        if (result < 0 && errno == ETIMEDOUT) result = 0;
        break;
    case 3: result = ppoll(NULL, 0, &two, &none); break;
    case 4: result = epoll_wait(queue, &event, 1, -1); break;
    case 5: result = semop(semaphore, &(struct sembuf){0, -1, 0}, 1); break;
    case 6: result = sigwaitinfo(&none, &info); break;
    case 7: { char c; result = read(pipe_ends[0], &c, 1); break; }
    }
    if (result < 0 && errno == EINTR) interruptions[kind]++;
    double took = seconds() - began;
    if (kind < 4 && took < 1.999) earlies[kind]++;
    ends[kind]++;
    semctl(semaphore, 0, IPC_RMID);
    return NULL;
}

// Threads in calls that wait for two seconds or for ever; prints which saw EINTR, which woke too early, and which have ended.
static int waiters(void) {
    pthread_t threads[8];
    for (long i = 0; i < 8; i++) pthread_create(&threads[i], NULL, wait_somehow, (void *)i);
    answer("ready\n");
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        for (int i = 0; i < 8; i++) printf("%ld/%ld/%ld ", interruptions[i], earlies[i], ends[i]);
        printf("\n");
        fflush(stdout);
    }
    _exit(0);
}

// A parent of a vfork child that does not exec: cannot be interrupted.
static int stuck(void) {
    answer("ready\n");
    if (vfork() == 0) {
        char c;
        while (read(0, &c, 1) > 0) {}
        _exit(0);
    }
    return 0;
}

// Main thread on a stack inside an ordinary heap mapping, as a coroutine would be.
static char coroutine_heap[1 << 20] __attribute__((aligned(4096)));
static void coroutine_main(void) { exit(idle()); }

static int coroutine(void) {
    char *top = coroutine_heap + sizeof coroutine_heap / 2;
    memset(coroutine_heap, 0x5a, sizeof coroutine_heap / 2 - 65536);
    __asm__ volatile("mov %0, %%rsp\n push $0\n jmp *%1" ::"r"(top), "r"(coroutine_main) : "memory");
    return 0;
}

// Dies of a userfaultfd call.
static int filtered(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_userfaultfd, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) fail("seccomp");
    return idle();
}

// The main thread ends; another one answers.
static void *answer_alone(void *unused) {
    char line[64];
    while (fgets(line, sizeof line, stdin)) answer("ok\n");
    exit(0);
    return unused;
}

static int leaderless(void) {
    pthread_t thread;
    // Memory that could be shared with others.
    char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *shared = 1;
    pthread_create(&thread, NULL, answer_alone, NULL);
    pthread_exit(NULL);
}

// Maps memory so near below the main stack that the kernel does not extend that any more.
static void block_growth(void) {
    static char maps[65536];
    int file = open("/proc/self/maps", O_RDONLY);
    size_t length = 0;
    ssize_t bytes;
    while ((bytes = read(file, maps + length, sizeof maps - 1 - length)) > 0) length += bytes;
    close(file);
    char *line = strstr(maps, "[stack]");
    while (line > maps && line[-1] != '\n') line--;
    void *wanted = (void *)(strtoul(line, NULL, 16) - 0x20000);
    if (mmap(wanted, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != wanted) fail("mmap");
}

static volatile int sum;
static void fill(int depth) {
    volatile char frame[2000];
    memset((void *)frame, 1, sizeof frame);
    if (depth > 0) fill(depth - 1);
    sum += frame[depth];
}

static void *rest(void *unused) {
    for (;;) pause();
    return unused;
}

// At the bottom of a recursion, with less than 12 KiB left on a main stack that cannot grow.
static int deep(int depth, int alone) {
    volatile char frame[2000];
    memset((void *)frame, 1, sizeof frame);
    if (depth > 0) {
        int result = deep(depth - 1, alone);
        sum += frame[depth];
        return result;
    }
    fill(4);
    block_growth();
    pthread_t thread;
    if (!alone) pthread_create(&thread, NULL, rest, NULL);
    return idle();
}

// Kills for restart_syscall.
static void forbid_restart(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_restart_syscall, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) fail("seccomp");
}

// Makes one call that waits, with every register in use, and prints its result. "seconds" is its time limit if it has one.
static int one_call(const char *kind, int seconds) {
    static struct timespec limit;
    static struct timeval socket_limit;
    static struct epoll_event event;
    static struct sembuf down = {0, -1, 0};
    static struct io_uring_getevents_arg ring_argument;
    static struct io_uring_params ring_parameters;
    static char buffer[256];
    static uint64_t aio;
    static int word;
    int pair[2], queue = epoll_create1(0);
    limit.tv_sec = socket_limit.tv_sec = seconds;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) fail("socketpair");
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &socket_limit, sizeof socket_limit);
    long arguments[7] = {0};
#define CALL(...) memcpy(arguments, ((long[7]){__VA_ARGS__}), sizeof arguments)
    if (!strcmp(kind, "epoll")) CALL(SYS_epoll_wait, queue, (long)&event, 1, -1);
    if (!strcmp(kind, "epoll-t")) CALL(SYS_epoll_wait, queue, (long)&event, 1, seconds * 1000);
    if (!strcmp(kind, "epoll2-t")) CALL(SYS_epoll_pwait2, queue, (long)&event, 1, (long)&limit, 0, 0);
    if (!strcmp(kind, "sigwait-t")) CALL(SYS_rt_sigtimedwait, (long)&blocked, 0, (long)&limit, 8);
    if (!strncmp(kind, "sem", 3)) {
        int semaphore = semget(IPC_PRIVATE, 1, 0600);
        CALL(SYS_semtimedop, semaphore, (long)&down, 1, strcmp(kind, "sem-t") ? 0 : (long)&limit);
    }
    if (!strcmp(kind, "recv-t")) CALL(SYS_recvfrom, pair[0], (long)buffer, 1, 0, 0, 0);
    if (!strcmp(kind, "read-t")) CALL(SYS_read, pair[0], (long)buffer, 1);
    if (!strncmp(kind, "aio", 3)) {
        if (syscall(SYS_io_setup, 4, &aio)) fail("io_setup");
        CALL(SYS_io_getevents, aio, 1, 1, (long)buffer, strcmp(kind, "aio-t") ? 0 : (long)&limit);
    }
    if (!strncmp(kind, "ring", 4)) {
        long ring = syscall(SYS_io_uring_setup, 8, &ring_parameters);
        if (ring < 0) return answer("none\n"), 0;
        ring_argument.ts = (uint64_t)&limit;
        if (strcmp(kind, "ring-t")) CALL(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, 0, 0);
        else CALL(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, (long)&ring_argument, sizeof ring_argument);
    }
    if (strstr(kind, "-filtered")) forbid_restart();
    if (!strncmp(kind, "nanosleep", 9)) CALL(SYS_nanosleep, (long)&limit);
    if (!strncmp(kind, "poll", 4)) CALL(SYS_poll, 0, 0, seconds * 1000);
    if (!strncmp(kind, "futex", 5)) CALL(SYS_futex, (long)&word, FUTEX_WAIT_PRIVATE, 0, (long)&limit);
    probe_number = arguments[0];
    memcpy(before.general + 8, arguments + 1, 4 * sizeof(long));
    memcpy(last_arguments, arguments + 5, sizeof last_arguments);
    has_last_arguments = 1;
    answer("ready\n");
    run_probe();
    char text[64];
    snprintf(text, sizeof text, "returned %ld\n", (long)after.result);
    answer(text);
    return 0;
}

int main(int count, char **arguments) {
    setvbuf(stdout, NULL, _IOFBF, 4096);
    has_avx512 = __builtin_cpu_supports("avx512bw");
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&stack, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &blocked, NULL);
    const char *mode = count > 1 ? arguments[1] : "";
    if (!strcmp(mode, "idle")) return idle();
    if (!strcmp(mode, "sleeper")) return sleeper();
    if (!strcmp(mode, "busy")) return busy();
    if (!strcmp(mode, "storm")) return storm();
    if (!strcmp(mode, "waiters")) return waiters();
    if (!strcmp(mode, "stuck")) return stuck();
    if (!strcmp(mode, "coroutine")) return coroutine();
    if (!strcmp(mode, "filtered")) return filtered();
    if (!strcmp(mode, "leaderless")) return leaderless();
    if (!strcmp(mode, "call") && count > 4) pthread_create(&(pthread_t){0}, NULL, spin, NULL);
    if (!strcmp(mode, "call")) return one_call(arguments[2], atoi(arguments[3]));
    if (!strcmp(mode, "deep")) return deep(200, 0);
    if (!strcmp(mode, "deep-alone")) return deep(200, 1);
    if (!strcmp(mode, "undumpable")) return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), idle();
    return 2;
}
