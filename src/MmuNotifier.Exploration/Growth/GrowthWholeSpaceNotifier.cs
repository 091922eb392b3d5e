namespace MmuNotifier.Growth;

/// <summary>A whole-space notifier of the growth rows.</summary>
internal sealed class GrowthWholeSpaceNotifier : WholeSpaceNotifier
{
#if EXPLORATION
    protected internal override bool InvalidateStart(in Invalidation invalidation) => true;

    protected internal override void InvalidateEnd(in Invalidation invalidation)
#else
    protected override bool InvalidateStart(in Invalidation invalidation) => true;

    protected override void InvalidateEnd(in Invalidation invalidation)
#endif
    {
    }
}
