# A target for a core: Python frames with C frames between them, and two counters in different pages that are increased together.
import ctypes
import sys
import threading
import time

memory = (ctypes.c_long * 2048)()
first, second = ctypes.c_long.from_buffer(memory), ctypes.c_long.from_buffer(memory, 8192)


def count():
    while True:
        first.value += 1
        second.value += 1


def deep(depth):
    if depth > 0:
        return sorted([depth], key=lambda each: deep(each - 1))
    print(hex(ctypes.addressof(first)), hex(ctypes.addressof(second)), flush=True)
    while True:
        time.sleep(3600)


threading.Thread(target=count, daemon=True).start()
deep(int(sys.argv[1]))
