using MmuNotifier.Hmm;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.Remote;

/// <summary>A mapping that was shown to devices: registered, so that its end is heard of.</summary>
/// <param name="Mapping">As it was shown.</param>
/// <param name="Descriptor">The userfaultfd that it is registered with; null for one that cannot be, which devices do not get.</param>
/// <param name="WithMissing">Whether touches of missing pages wait.</param>
internal sealed record KnownMapping(Mapping Mapping, UserfaultfdDescriptor? Descriptor, bool WithMissing);
