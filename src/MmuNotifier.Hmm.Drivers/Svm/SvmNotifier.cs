namespace MmuNotifier.Hmm.Drivers;

/// <summary>The notifier of one mapping, or of what is left of it.</summary>
internal sealed class SvmNotifier(SvmDriver driver) : IntervalNotifier
{
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        driver.Invalidate(this, invalidation);
        return InvalidateResult.Done;
    }
}
