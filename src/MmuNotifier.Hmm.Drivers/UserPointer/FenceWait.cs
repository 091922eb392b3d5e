namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// The second pass of a user pointer notifier's callback: waits for the jobs that the first pass found. The driver has one, as drivers of
/// the kernel embed one; while an invalidation uses it, another one that overlaps does all in one pass.
/// </summary>
internal sealed class FenceWait(UserPointerDriver driver) : ISecondStep
{
    /// <summary>What it waits for; null while nobody uses it. Guarded by the driver lock.</summary>
    public DeviceFence[]? Fences { get; set; }

    public void Finish(in Invalidation invalidation) => driver.FinishInvalidation(this);

    /// <summary>Waits for each of the jobs.</summary>
    public static void WaitFor(DeviceFence[] fences)
    {
        foreach (DeviceFence fence in fences)
            fence.Wait();
    }
}
