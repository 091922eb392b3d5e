"""A target for the mirror: threads that map, unmap, remap, advise, allocate, write and fork, for as many seconds as asked for."""
import mmap, os, random, threading, time, ctypes, sys
end = time.time() + float(sys.argv[1]) if len(sys.argv) > 1 else time.time()+5
libc = ctypes.CDLL(None, use_errno=True)
def churn(seed):
    r = random.Random(seed); maps = []
    keep = {}
    while time.time() < end:
        k = r.randrange(8)
        if k <= 1:
            m = mmap.mmap(-1, 4096 * r.randrange(1, 64), flags=mmap.MAP_PRIVATE|mmap.MAP_ANONYMOUS)
            for i in range(0, len(m), 4096): m[i] = r.randrange(256)
            maps.append(m)
        elif k == 2 and maps: maps.pop(r.randrange(len(maps))).close()
        elif k == 3 and maps:
            m = r.choice(maps); m[r.randrange(len(m))] = 1
        elif k == 4 and maps:
            m = r.choice(maps); n = len(m)//4096; a = r.randrange(n)
            m.madvise(mmap.MADV_DONTNEED, a*4096, 4096*(n-a))
            if r.random()<.5: m[a*4096] = 7
        elif k == 5 and maps:
            m = r.choice(maps)
            try: m.resize(4096*r.randrange(1,64))
            except Exception: pass
        elif k == 6: keep[r.randrange(1000)] = bytes(r.randrange(100000))
        elif k == 7 and r.random() < .02:
            pid = os.fork()
            if pid == 0:
                x = bytearray(200000); time.sleep(r.random()*.5); os._exit(0)
            os.waitpid(pid, 0)
        if len(maps) > 100: maps.pop(0).close()
ts = [threading.Thread(target=churn, args=(i,)) for i in range(4)]
[t.start() for t in ts]; [t.join() for t in ts]
print("churn done", flush=True)
