// A target for a core: threads of C++ that keep known values in their vector registers, each at a known depth of virtual calls.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

static std::atomic<int> ready;

// Quad word l of ymm register r of thread t has t * 1000 + r * 10 + l, for r from 0 to 3. The loop touches none of them.
__attribute__((noinline)) static void keep_in_registers(int thread)
{
    alignas(32) int64_t values[4][4];
    for (int r = 0; r < 4; r++)
        for (int l = 0; l < 4; l++)
            values[r][l] = thread * 1000 + r * 10 + l;
    ready++;
    asm volatile(
        "vmovdqa (%0), %%ymm0\n vmovdqa 32(%0), %%ymm1\n vmovdqa 64(%0), %%ymm2\n vmovdqa 96(%0), %%ymm3\n"
        "1: pause\n jmp 1b\n"
        : : "r"(values) : "memory", "xmm0", "xmm1", "xmm2", "xmm3");
}

struct Level {
    virtual ~Level() = default;
    virtual void descend(int depth, int thread) = 0;
};

template <typename Tag> struct LevelOf : Level {
    __attribute__((noinline)) void descend(int depth, int thread) override
    {
        if (depth == 0)
            keep_in_registers(thread);
        else
            std::make_unique<LevelOf<Tag>>()->descend(depth - 1, thread);
        asm volatile("" ::: "memory"); // No tail call.
    }
};

int main(int, char **arguments)
{
    int threads = std::atoi(arguments[1]);
    std::vector<std::thread> running;
    for (int t = 1; t <= threads; t++)
        running.emplace_back([t] { std::make_unique<LevelOf<int>>()->descend(t, t); });
    while (ready < threads)
        std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(100)); // The registers are loaded a few instructions later.
    std::puts("ready");
    std::fflush(stdout);
    for (std::thread &each : running)
        each.join();
}
