namespace MmuNotifier;

/// <summary>
/// Ties an invalidation to the read section that causes it, so that a device that migrates pages while it faults them in does not see
/// its own migration as a collision. Give it to
/// <see cref="IntervalNotifier.ReadBegin(AddressRange, InvalidationOrigin?, CancellationToken)"/> and then to the invalidation; that
/// section, and no other, does not retry for it.
/// </summary>
/// <remarks>
/// Reusable: one origin per device thread is enough. It stands for one open section at a time; beginning another section with it ends
/// the exemption of the former. Not for use by several threads at once.
/// </remarks>
public sealed class InvalidationOrigin
{
    private static AtomicInt64 s_lastSection;

    /// <summary>The number of the section that it stands for, unique in the process; 0 before the first.</summary>
    internal long Section { get; private set; }

    /// <summary>Whether an invalidation that names one section (0: none) was caused by the other (0: none).</summary>
    internal static bool Exempts(long origin, long section) =>
        section != 0 && origin == section;

    /// <summary>Called by the section's thread when it begins.</summary>
    internal long BeginSection()
    {
        long last = s_lastSection.ReadRelaxed();
        while (true)
        {
            long seen = s_lastSection.CompareExchange(last + 1, last);
            if (seen == last)
                return Section = last + 1;
            last = seen;
        }
    }
}
