"""Traces a process (PTRACE_SEIZE) and stays. Usage: tracer.py PID."""
import ctypes
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
PTRACE_SEIZE = 0x4206
print("tracing" if libc.ptrace(PTRACE_SEIZE, int(sys.argv[1]), None, None) == 0 else "refused", flush=True)
signal.pause()
