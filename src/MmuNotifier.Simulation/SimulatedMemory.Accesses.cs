using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>Accesses by the CPU, and by a device through frames.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno Load(ulong address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            Span<byte> part = destination[..PartLength(address, destination.Length)];
            if (!TryLoad(address, part, out Errno error))
            {
                error = Touch(address, isWrite: false, owner: null);
                if (error == Errno.None)
                    continue;
            }

            if (error != Errno.None)
                return error;
            destination = destination[part.Length..];
            address += (ulong)part.Length;
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Store(ulong address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> part = source[..PartLength(address, source.Length)];
            if (!TryStore(address, part, out Errno error))
            {
                error = Touch(address, isWrite: true, owner: null);
                if (error == Errno.None)
                    continue;
            }

            if (error != Errno.None)
                return error == Errno.NotPermitted ? Errno.BadAddress : error;
            source = source[part.Length..];
            address += (ulong)part.Length;
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ReadFrame(ulong frame, int offset, Span<byte> destination)
    {
        using (TableLock.Hold())
        {
            NamedStep.Note($"device reads frame {FrameTable.NameOf(frame)}");
            return Frames.Read(frame, offset, destination);
        }
    }

    /// <inheritdoc/>
    public override Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        using (TableLock.Hold())
        {
            NamedStep.Note($"device writes frame {FrameTable.NameOf(frame)}");
            return Frames.Write(frame, offset, source);
        }
    }

    private static int PartLength(ulong address, int length) => (int)Math.Min((ulong)length, PageBytes - (address % PageBytes));

    // False where a fault is needed. An entry of a coherent page whose device freed it under us is an error, not a fault.
    private bool TryLoad(ulong address, Span<byte> destination, out Errno error)
    {
        error = Errno.None;
        using (TableLock.Hold())
        {
            Pte entry = _table.Get(address);
            if (entry.State is not (PageState.Present or PageState.Zero) || _areas.At(address) is not { IsAccessible: true })
                return false;
            NamedStep.Note($"CPU reads frame {FrameTable.NameOf(entry.Frame)}");
            if (Frames.Read(entry.Frame, (int)(address % PageBytes), destination) != Errno.None)
                error = Errno.BadAddress;
            return true;
        }
    }

    private bool TryStore(ulong address, ReadOnlySpan<byte> source, out Errno error)
    {
        error = Errno.None;
        using (TableLock.Hold())
        {
            Pte entry = _table.Get(address);
            if (entry.State != PageState.Present || !entry.IsWritable)
                return false;
            NamedStep.Note($"CPU writes frame {FrameTable.NameOf(entry.Frame)}");
            if (Frames.Write(entry.Frame, (int)(address % PageBytes), source) != Errno.None)
                error = Errno.BadAddress;
            return true;
        }
    }
}
