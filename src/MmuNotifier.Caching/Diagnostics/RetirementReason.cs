namespace MmuNotifier.Caching;

/// <summary>Why a kept value is kept no longer.</summary>
internal enum RetirementReason
{
    Invalidated,
    Replaced,
    Expired,
    Evicted,
}
