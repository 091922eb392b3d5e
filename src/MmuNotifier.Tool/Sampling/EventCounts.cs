namespace MmuNotifier.Tool.Sampling;

/// <summary>How many events of each kind there were.</summary>
internal struct EventCounts
{
    internal long Mapped { get; private set; }

    internal long Unmapped { get; private set; }

    internal long Moved { get; private set; }

    internal long Protected { get; private set; }

    internal long Dropped { get; private set; }

    internal long Forked { get; private set; }

    internal long Executed { get; private set; }

    internal readonly long Total => Mapped + Unmapped + Moved + Protected + Dropped + Forked + Executed;

    internal void Add(MemoryEventKind kind)
    {
        switch (kind)
        {
            case MemoryEventKind.Mapped: Mapped++; break;
            case MemoryEventKind.Unmapped: Unmapped++; break;
            case MemoryEventKind.Moved: Moved++; break;
            case MemoryEventKind.Protected: Protected++; break;
            case MemoryEventKind.Dropped: Dropped++; break;
            case MemoryEventKind.Forked: Forked++; break;
            case MemoryEventKind.Executed: Executed++; break;
            default: throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }
}
