namespace MmuNotifier;

/// <summary>What a read section is to be over.</summary>
/// <param name="Part">The part of the notifier, or null for all of it.</param>
/// <param name="OriginSection">The number that stands for the section in invalidations that it causes itself; 0 for none.</param>
internal readonly record struct ReadRequest(AddressRange? Part, long OriginSection)
{
    public ReadSection Open(IntervalNotifier notifier, long sequence) => Part is { } part
        ? new ReadSection(notifier, sequence, part, OriginSection)
        : new ReadSection(notifier, sequence);
}
