using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Tests.Shared;

/// <summary>A pipe in the place of a userfaultfd: what a test writes is read as the kernel's events. All other calls on it fail.</summary>
internal sealed unsafe class MessagePipe : IDisposable
{
    private const int NonBlockingCloseOnExec = 0x80800;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly SafeFileHandle _writer;

    internal MessagePipe()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(Errno.None, Syscall.Pipe(ends, NonBlockingCloseOnExec));
        Reader = new SafeFileHandle(ends[0], ownsHandle: true);
        _writer = new SafeFileHandle(ends[1], ownsHandle: true);
    }

    internal SafeFileHandle Reader { get; }

    internal void Send(params ReadOnlySpan<UserfaultMessage> messages)
    {
        foreach (UserfaultMessage message in messages)
        {
            UserfaultMessage copy = message;
            Assert.True(SpinWait.SpinUntil(() => TrySend(copy), Limit), "nobody reads the events");
        }
    }

    public void Dispose()
    {
        Reader.Dispose();
        _writer.Dispose();
    }

    // A message is much shorter than what a pipe takes at once, so it is written as a whole or not at all.
    private bool TrySend(UserfaultMessage message) =>
        Syscall.Write(_writer, &message, UserfaultMessage.SizeBytes) == UserfaultMessage.SizeBytes;
}
