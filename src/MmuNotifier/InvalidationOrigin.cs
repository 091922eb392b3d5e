namespace MmuNotifier;

/// <summary>
/// Ties an invalidation to the read section that causes it, so that a device that migrates pages while it faults them in does not see
/// its own migration as a collision. Give it to <see cref="IntervalNotifier.ReadBegin(AddressRange, InvalidationOrigin?, CancellationToken)"/>
/// and then to the invalidation; that section, and no other, does not retry for it.
/// </summary>
/// <remarks>
/// Reusable: one origin per device thread is enough. It stands for one open section at a time; beginning another section with it ends
/// the exemption of the former. Not for use by several threads at once.
/// </remarks>
public sealed class InvalidationOrigin
{
    private IntervalNotifier? _notifier;
    private long _exemptBumps;
    private int _binding;

    /// <summary>Starts the exemption of a new section on <paramref name="notifier"/>. Called by the section's thread before it reads the sequence.</summary>
    internal int Bind(IntervalNotifier notifier)
    {
        _notifier = notifier;
        Volatile.Write(ref _exemptBumps, 0);
        return ++_binding;
    }

    /// <summary>Called under the engine lock, before the sequence of <paramref name="notifier"/> is bumped for an invalidation of this origin.</summary>
    internal void CountBump(IntervalNotifier notifier)
    {
        if (ReferenceEquals(_notifier, notifier))
            Volatile.Write(ref _exemptBumps, _exemptBumps + 1);
    }

    /// <summary>
    /// How many bumps of the notifier's sequence the section need not retry for. The caller reads it *before* the sequence: read after
    /// it, an own bump in between could make up for a foreign one and hide it.
    /// </summary>
    internal bool TryGetExemptBumps(IntervalNotifier notifier, int binding, out long exemptBumps)
    {
        exemptBumps = Volatile.Read(ref _exemptBumps);
        return _binding == binding && ReferenceEquals(_notifier, notifier);
    }
}
