"""A target that counts and says so, so that a test sees whether it is still running."""
import mmap, time

memory = mmap.mmap(-1, 256 * 4096)
n = 0
while True:
    n += 1
    memory[(n % 256) * 4096] = n % 256
    if n % 50 == 0:
        other = mmap.mmap(-1, 16 * 4096)
        other[0] = 1
        other.close()
        print(n, flush=True)
    time.sleep(0.001)
