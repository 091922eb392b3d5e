using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Tests.Shared;

/// <summary>
/// A python process that does with its own memory what each line of its input says. Every wait for it is bounded: a child whose call waits
/// for an event to be read would otherwise hang the test.
/// </summary>
internal sealed class PythonChild : IDisposable
{
    private const string Script = """
        import ctypes, os, random, sys, signal
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        libc.mremap.restype = ctypes.c_void_p
        libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
        libc.syscall.restype = ctypes.c_long
        libc.syscall.argtypes = [ctypes.c_long] * 7
        def uffd():
            fd = libc.syscall(323, 0x80800, 0, 0, 0, 0, 0)
            return fd if fd >= 0 else libc.syscall(323, 0x80801, 0, 0, 0, 0, 0)
        def memfd(size):
            fd = os.memfd_create('test'); os.ftruncate(fd, size); return fd
        def anon(size, flags=0x22, fd=-1, prot=3): return libc.mmap(None, size, prot, flags, fd, 0)
        def write(address, value): ctypes.memset(address, value, 1); return 0
        def fill(address, value, size): ctypes.memset(address, value, size); return 0
        def read(address): return ctypes.string_at(address, 1)[0]
        def munmap(a, n): return libc.munmap(a, n)
        def mprotect(a, n, p): return libc.mprotect(a, n, p)
        def madvise(a, n, w): return libc.madvise(a, n, w)
        def mremap(a, old, new, flags=1): return libc.mremap(a, old, new, flags)
        def fork():
            pid = os.fork()
            if pid == 0: libc.prctl(1, 9, 0, 0, 0) # It ends with its parent.
            return pid
        def fork_waiting():
            pid = fork()
            if pid == 0:
                signal.pause(); os._exit(0)
            return pid
        obeying = {}
        def fork_obeying():
            (asked, ask), (told, tell) = os.pipe(), os.pipe()
            pid = fork()
            if pid == 0:
                for line in os.fdopen(asked): os.write(tell, b'%d\n' % eval(line))
            obeying[pid] = (ask, os.fdopen(told))
            return pid
        def let(pid, expression):
            os.write(obeying[pid][0], expression.encode() + b'\n'); return int(obeying[pid][1].readline())
        def fork_writing(address, pages):
            pid = fork()
            value = 0
            while pid == 0:
                value = (value + 1) % 256
                fill(address + 4096 * random.randrange(pages), value, 4096)
            return pid
        def kill(pid): os.kill(pid, 9); return os.waitpid(pid, 0)[0]
        def execute(): os.execv('/bin/sleep', ['sleep', '60'])
        for line in sys.stdin:
            print(eval(line), flush=True)
        """;

    private static readonly Lazy<string?> Interpreter = new(FindInterpreter);

    private readonly Process _process;

    private PythonChild(Process process) => _process = process;

    internal int ProcessId => _process.Id;

    internal static PythonChild Start()
    {
        Assert.SkipUnless(Interpreter.Value is not null, "python3 is not there");
        return Start(Interpreter.Value!, []);
    }

    /// <summary>
    /// A grandchild, which a test can stop: the runtime takes a stop of its own child for the end of it. Its number is os.getpid(), and it
    /// ends when its input does.
    /// </summary>
    internal static PythonChild StartBehindShell()
    {
        Assert.SkipUnless(Interpreter.Value is not null, "python3 is not there");
        return Start("/bin/sh", ["-c", "exec 3<&0; \"$0\" \"$@\" <&3 & wait", Interpreter.Value!]);
    }

    private static PythonChild Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-u");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        var child = new PythonChild(Process.Start(start)!);
        Assert.Equal(1, child.Call("1"));
        return child;
    }

    /// <summary>Tells it to evaluate an expression, without waiting.</summary>
    internal void Begin(string expression)
    {
        _process.StandardInput.WriteLine(expression);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for the value of the expression begun.</summary>
    internal long End()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.True(line.Wait(Patience.Milliseconds, TestContext.Current.CancellationToken), "the child does not answer");
        return long.Parse(line.Result ?? "-1", CultureInfo.InvariantCulture);
    }

    internal long Call(string expression)
    {
        Begin(expression);
        return End();
    }

    internal ulong Address(string expression) => (ulong)Call(expression);

    internal void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(Patience.Limit));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit(Patience.Limit);
        _process.Dispose();
    }

    // The one on the path may be a shell script that looks for the right version, which takes long.
    private static string? FindInterpreter()
    {
        try
        {
            var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add("import sys; print(sys.executable)");
            using Process process = Process.Start(start)!;
            string path = process.StandardOutput.ReadToEnd().Trim();
            return process.WaitForExit(Patience.Limit) && File.Exists(path) ? path : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
