namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>One write of a register: it took effect at some moment from Begin to End, or has yet to.</summary>
internal sealed class RegisterWrite
{
    public required long Begin { get; init; }

    /// <summary>Stamp of its end; the maximum while it is under way.</summary>
    public long End { get; set; } = long.MaxValue;

    /// <summary>Whether it may be read only while it is under way: another write of the same change follows it.</summary>
    public bool IsTransient { get; init; }

    /// <summary>What was written; null if it is what the source had meanwhile.</summary>
    public ulong? Value { get; init; }

    /// <summary>The register that it was moved from (mremap), until it is over.</summary>
    public Register? Source { get; set; }

    /// <summary>After a move: every value that the source may have had.</summary>
    public HashSet<ulong>? Values { get; set; }

    /// <summary>Whether this may have written the value.</summary>
    public bool May(ulong value)
    {
        if (Value is { } written)
            return written == value;
        return Values?.Contains(value) ?? Source!.Allows(value, Begin, End);
    }
}
