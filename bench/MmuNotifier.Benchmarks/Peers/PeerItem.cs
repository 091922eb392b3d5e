namespace MmuNotifier.Benchmarks;

/// <summary>What is put into an index of another package.</summary>
internal sealed record PeerItem(ulong Start, ulong Last)
{
    internal bool Meets(ulong start, ulong last) => Start <= last && start <= Last;
}
