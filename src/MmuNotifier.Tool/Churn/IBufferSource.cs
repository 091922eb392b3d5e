namespace MmuNotifier.Tool.Churn;

/// <summary>Where the churn gets the buffer for a transfer from.</summary>
internal interface IBufferSource : IDisposable
{
    /// <summary>Does something with the slot of a registered buffer that covers a range.</summary>
    int Use(AddressRange range, Func<int, int> transfer);

    /// <summary>Lookups that were answered from the cache.</summary>
    long Hits { get; }
}
