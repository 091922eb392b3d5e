namespace MmuNotifier.Hmm.Drivers;

/// <summary>The notifier of a user pointer buffer; it lives as long as the buffer.</summary>
internal sealed class UserPointerNotifier(UserPointerDriver driver) : IntervalNotifier
{
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => driver.Invalidate(invalidation);
}
