namespace MmuNotifier.Benchmarks;

/// <summary>
/// An interval index of another package: structure only. It calls nobody back, knows no active invalidation and no read section, and takes
/// no lock.
/// </summary>
internal interface IPeerIndex
{
    string Name { get; }

    void Insert(ulong start, ulong last);

    /// <summary>Makes what was inserted ready for queries, where that is a step of its own.</summary>
    void Complete();

    /// <returns>How many intervals meet the range.</returns>
    int CountHits(ulong start, ulong last);
}
