using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.IoUring.Native;

namespace MmuNotifier.IoUring;

/// <summary>
/// A small io_uring for one transfer with a registered buffer at a time: for tests, and for a first try of
/// <see cref="IoUringBufferRegistry"/>. A program that has a ring gives that one's descriptor to the registry.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
public sealed unsafe class FixedRing : IDisposable
{
    /// <summary>For how long the kernel may refuse a request, each time that it is made again, because it has no memory now.</summary>
    private static readonly TimeSpan s_longestRefusal = TimeSpan.FromSeconds(1);

    private const long EntriesOffset = 0x1000_0000;
    private const int Interrupted = 4;
    private const int Again = 11;
    private const int Busy = 16;

    private readonly nint _rings;
    private readonly nuint _ringsBytes;
    private readonly nint _entries;
    private readonly nuint _entriesBytes;
    private readonly UringParameters _parameters;

    private FixedRing(SafeFileHandle handle, in UringParameters parameters)
    {
        Handle = handle;
        _parameters = parameters;
        SubmissionOffsets submission = parameters.Submission;
        CompletionOffsets completion = parameters.Completion;
        _ringsBytes = Math.Max(
            submission.Array + (parameters.SubmissionEntries * sizeof(uint)),
            completion.CompletionEntries + (parameters.CompletionEntries * (uint)sizeof(CompletionEntry)));
        _entriesBytes = parameters.SubmissionEntries * (uint)sizeof(SubmissionEntry);
        _rings = UringCalls.Map(_ringsBytes, handle, 0);
        _entries = UringCalls.Map(_entriesBytes, handle, EntriesOffset);
    }

    /// <summary>The descriptor of the ring, which this owns.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Makes a ring with room for eight requests.</summary>
    /// <param name="lack">Why this machine gives none: in words, ready to be shown; null if there is a ring.</param>
    /// <returns>The ring; null if there is none.</returns>
    public static FixedRing? Create(out string? lack)
    {
        UringParameters parameters = default;
        long result = UringCalls.Setup(8, &parameters);
        lack = result switch
        {
            -1 => "io_uring is forbidden here (kernel.io_uring_disabled, or a seccomp filter).",
            -38 => "This kernel has no io_uring.",
            < 0 => $"io_uring_setup failed with error {-result}.",
            _ when (parameters.Features & UringParameters.OneMapping) == 0 => "This kernel's io_uring is older than Linux 5.4.",
            _ => null,
        };
        if (result < 0)
            return null;
        var handle = new SafeFileHandle((nint)result, ownsHandle: true);
        if (lack is not null)
        {
            handle.Dispose();
            return null;
        }

        var ring = new FixedRing(handle, parameters);
        if (ring._rings != -1 && ring._entries != -1)
            return ring;
        ring.Dispose();
        lack = "The rings of an io_uring cannot be mapped.";
        return null;
    }

    /// <summary>Reads from a file into a registered buffer (<c>IORING_OP_READ_FIXED</c>), and waits until that is done.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where in the file, in bytes.</param>
    /// <param name="slot">The buffer's index, as <see cref="IoUringBufferRegistry.Get"/> gives it.</param>
    /// <param name="address">Where in memory; the bytes must lie in the buffer.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>The bytes read, or the error negated. What the kernel refuses for want of memory is tried for a second.</returns>
    public int Read(SafeFileHandle file, ulong offset, int slot, ulong address, uint length) =>
        Transfer(SubmissionEntry.ReadFixed, file, offset, slot, address, length);

    /// <summary>Writes to a file from a registered buffer (<c>IORING_OP_WRITE_FIXED</c>), and waits until that is done.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where in the file, in bytes.</param>
    /// <param name="slot">The buffer's index, as <see cref="IoUringBufferRegistry.Get"/> gives it.</param>
    /// <param name="address">Where in memory; the bytes must lie in the buffer.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>The bytes written, or the error negated. What the kernel refuses for want of memory is tried for a second.</returns>
    public int Write(SafeFileHandle file, ulong offset, int slot, ulong address, uint length) =>
        Transfer(SubmissionEntry.WriteFixed, file, offset, slot, address, length);

    /// <summary>Closes the ring. Dispose of a registry that uses it before.</summary>
    public void Dispose()
    {
        if (_rings != -1)
            UringCalls.Unmap(_rings, _ringsBytes);
        if (_entries != -1)
            UringCalls.Unmap(_entries, _entriesBytes);
        Handle.Dispose();
    }

    private int Transfer(byte operation, SafeFileHandle file, ulong offset, int slot, ulong address, uint length)
    {
        uint* tail = Word(_parameters.Submission.Tail);
        uint index = *tail & *Word(_parameters.Submission.Mask);
        ((SubmissionEntry*)_entries)[index] = new SubmissionEntry
        {
            Operation = operation,
            File = (int)file.DangerousGetHandle(),
            FileOffset = offset,
            Address = address,
            Length = length,
            BufferIndex = (ushort)slot,
        };
        Word(_parameters.Submission.Array)[index] = index;
        Volatile.Write(ref *tail, *tail + 1); // The kernel reads the entry once it sees the tail.
        uint toSubmit = 1;
        long? refusedSince = null;
        while (true)
        {
            long result = UringCalls.Enter(Handle, toSubmit, 1, UringCalls.WaitForCompletions);
            if (result >= 0)
                toSubmit = 0;
            if (result is not (-Again or -Busy))
                refusedSince = null; // A signal is no refusal: the transfer takes as long as it takes.
            if (result < 0 && IsFinal(result, ref refusedSince))
                return TakeBack(tail, toSubmit, (int)result);
            if (TryComplete(out int done))
                return done;
        }
    }

    /// <summary>Whether a failed call is not made again.</summary>
    private static bool IsFinal(long result, ref long? refusedSince)
    {
        if (result is not (-Again or -Busy))
            return result != -Interrupted;
        refusedSince ??= Stopwatch.GetTimestamp();
        return Stopwatch.GetElapsedTime(refusedSince.Value) > s_longestRefusal;
    }

    /// <summary>A request that the kernel has not taken is not made later, when its buffer may be another's.</summary>
    private static int TakeBack(uint* tail, uint toSubmit, int error)
    {
        if (toSubmit == 0)
            throw new InvalidOperationException($"A request was submitted, and io_uring_enter does not wait for it: error {-error}.");
        Volatile.Write(ref *tail, *tail - 1);
        return error;
    }

    private bool TryComplete(out int result)
    {
        uint* head = Word(_parameters.Completion.Head);
        result = 0;
        if (*head == Volatile.Read(ref *Word(_parameters.Completion.Tail)))
            return false;
        uint index = *head & *Word(_parameters.Completion.Mask);
        result = ((CompletionEntry*)(_rings + (nint)_parameters.Completion.CompletionEntries))[index].Result;
        Volatile.Write(ref *head, *head + 1);
        return true;
    }

    private uint* Word(uint offset) => (uint*)(_rings + (nint)offset);
}
