"""Maps a file that has no name privately and writes it by write(2), in bursts. Usage: nameless.py SECONDS."""
import mmap
import os
import sys
import time

PAGES, PAGE = 50, 4096
end = time.monotonic() + float(sys.argv[1])
descriptor = os.memfd_create("nameless")
os.ftruncate(descriptor, PAGES * PAGE)
memory = mmap.mmap(descriptor, PAGES * PAGE, mmap.MAP_PRIVATE, mmap.PROT_READ)
value = 0
while time.monotonic() < end:
    value = (value + 1) % 256
    for page in range(PAGES):
        os.pwrite(descriptor, bytes([value]) * PAGE, page * PAGE)
    if any(memory[page * PAGE] != value for page in range(PAGES)):
        sys.exit("nameless: wrong")
    time.sleep(0.12)
print("nameless done", flush=True)
