"""A target in which seccomp answers userfaultfd with the error number given; prints a line, then sleeps. Or runs the program that follows."""
import ctypes, os, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)
error = int(sys.argv[1])
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 323), (0x06, 0, 0, 0x00050000 | error), (0x06, 0, 0, 0x7FFF0000)]
program = b"".join(struct.pack("HBBI", *line) for line in code)
buffer = ctypes.create_string_buffer(program)
filter = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, filter, 0, 0) == 0
if len(sys.argv) > 2:
    os.execvp(sys.argv[2], sys.argv[2:])
print("ready", flush=True)
time.sleep(60)
