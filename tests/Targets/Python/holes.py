"""A target for the mirror: PROT_NONE, guard pages, MADV_FREE, MAP_DROPPABLE, brk, transparent huge pages; writes on and on."""
import ctypes, sys, time

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.sbrk.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
PAGE, PRIVATE = 4096, 0x22

def memory(pages, flags=PRIVATE):
    address = libc.mmap(None, pages * PAGE, 3, flags, -1, 0)
    if address in (None, ctypes.c_void_p(-1).value):
        return None
    ctypes.memset(address, 1, pages * PAGE)
    return address

hidden, guarded, freed, huge = memory(8), memory(8), memory(64), memory(1024)
droppable = memory(8, 0x28)
libc.mprotect(hidden, 8 * PAGE, 0)
libc.madvise(guarded + 4 * PAGE, PAGE, 102)
libc.madvise(huge, 1024 * PAGE, 14)
end = time.time() + float(sys.argv[1])
n = 0
while time.time() < end:
    n += 1
    ctypes.memset(guarded, n % 256, 4 * PAGE)
    ctypes.memset(huge + (n % 1024) * PAGE, n % 256, PAGE)
    libc.madvise(freed, 32 * PAGE, 8)
    ctypes.memset(freed + (n % 64) * PAGE, n % 256, 100)
    if n % 20 == 0:
        libc.mprotect(hidden, 8 * PAGE, 3)
        ctypes.memset(hidden, n % 256, PAGE)
        libc.mprotect(hidden, 8 * PAGE, 0)
    if droppable:
        ctypes.memset(droppable, n % 256, PAGE)
    if n % 3 == 0 and n < 300:
        ctypes.memset(libc.sbrk(PAGE), 3, PAGE)
    time.sleep(0.002)
print("holes done", flush=True)
