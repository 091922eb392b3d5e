"""A target for the mirror: memory shared with a child, a file mapped privately and shared and written by write(2), a vfork child."""
import mmap, os, subprocess, sys, tempfile, time

end = time.time() + float(sys.argv[1])
anonymous = mmap.mmap(-1, 16 * 4096)
memfd = os.memfd_create("shared")
os.ftruncate(memfd, 8 * 4096)
first, second = mmap.mmap(memfd, 8 * 4096), mmap.mmap(memfd, 8 * 4096)
file = tempfile.TemporaryFile()
file.truncate(8 * 4096)
private = mmap.mmap(file.fileno(), 8 * 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
public = mmap.mmap(file.fileno(), 8 * 4096)
subprocess.run(["true"], check=True)
child = os.fork()
n = 0
while time.time() < end:
    n += 1
    page = (n % 8) * 4096
    if child == 0:
        anonymous[page] = n % 256
        time.sleep(0.001)
        continue
    anonymous[8 * 4096 + page] = n % 256
    second[page] = (first[page] + 1) % 256
    private[page] = n % 256
    os.pwrite(file.fileno(), bytes([n % 256]), page + 17)
    public[page + 1] = n % 256
    _ = private[page + 17]
    time.sleep(0.001)
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
print("shared done", flush=True)
