namespace MmuNotifier.Hmm.Drivers;

/// <summary>The second pass of the user pointer driver's callback: waits for the jobs that the first pass found.</summary>
internal sealed class FenceWait(DeviceFence[] fences) : ISecondStep
{
    public void Finish(in Invalidation invalidation)
    {
        foreach (DeviceFence fence in fences)
            fence.Wait();
    }
}
