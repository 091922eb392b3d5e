"""Runs a program in a terminal of its own: terminal.py COLUMNS LINES PROGRAM ARGS...

What the program writes to the terminal goes to standard output. Lines on standard input say what happens to it: "keys HEX", "size C L",
"signal N", "hangup". At its end one line of JSON on standard error has its exit code and whether the terminal is as it was."""
import fcntl
import json
import os
import select
import signal
import struct
import sys
import termios


def resize(terminal, columns, lines):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


master, slave = os.openpty()
resize(slave, int(sys.argv[1]), int(sys.argv[2]))
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for descriptor in range(3):
        os.dup2(slave, descriptor)
    os.close(slave)
    os.execvp(sys.argv[3], sys.argv[3:])

commands = b""
is_open, status, restored = True, None, None
sources = [0, master]
while status is None or is_open:
    ready, _, _ = select.select(sources, [], [], 0.05)
    if status is None:
        ended, code = os.waitpid(child, os.WNOHANG)
        if ended:
            status = code
            restored = termios.tcgetattr(slave) == before
            os.close(slave)
    if 0 in ready:
        read = os.read(0, 65536)
        if not read:
            sources.remove(0)
        commands += read
        *whole, commands = commands.split(b"\n")
        for line in whole:
            words = line.decode().split()
            if words[0] == "keys":
                os.write(master, bytes.fromhex(words[1]))
            elif words[0] == "size":
                resize(master, int(words[1]), int(words[2]))
            elif words[0] == "signal":
                os.kill(child, int(words[1]))
            elif words[0] == "hangup":
                restored = True
                sources.remove(master)
                os.close(slave)
                os.close(master)
                is_open = False
                _, status = os.waitpid(child, 0)
    if is_open and master in ready:
        try:
            output = os.read(master, 65536)
        except OSError:
            output = b""
        if not output:
            is_open = False
            sources.remove(master)
        os.write(1, output)
    elif is_open and status is not None and master not in ready:
        break

print(json.dumps({"exitCode": os.waitstatus_to_exitcode(status), "isRestored": restored}), file=sys.stderr, flush=True)
