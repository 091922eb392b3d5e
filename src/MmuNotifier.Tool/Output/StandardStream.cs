using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Output;

/// <summary>
/// Standard output or standard error, written without a buffer. A write that fails throws <see cref="OutputLostException"/>; the streams of
/// <see cref="Console"/> drop what a pipe without a reader does not take, and say nothing.
/// </summary>
internal sealed unsafe class StandardStream(int descriptor, string name) : Stream
{
    private const int FullPipeLimitMilliseconds = 10_000;

    private readonly SafeFileHandle _handle = new(descriptor, ownsHandle: false);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            for (int done = 0; done < buffer.Length;)
            {
                long written = Syscall.Write(_handle, bytes + done, (nuint)(buffer.Length - done));
                // A pipe or terminal that somebody else has set to non-blocking mode.
                if (Syscall.ErrorOf(written) == Errno.Again && WaitForRoom())
                    continue;
                if (written < 0)
                    throw new OutputLostException(Describe((int)-written));
                done += (int)written;
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _handle.Dispose();
        base.Dispose(disposing);
    }

    private bool WaitForRoom()
    {
        Span<PollEntry> entry = [new PollEntry { Descriptor = descriptor, Wanted = PollEvents.Out }];
        return DescriptorPoll.Wait(entry, FullPipeLimitMilliseconds, out _) > 0;
    }

    private string Describe(int error) =>
        $"{name} cannot be written ({Marshal.GetPInvokeErrorMessage(error)}): "
        + "send it to a file with enough room or to a program that reads all of it.";
}
