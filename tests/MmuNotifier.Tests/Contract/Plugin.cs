namespace MmuNotifier.Tests.Contract;

/// <summary>A notifier as a plug-in has it: used in a load context that can be collected.</summary>
public sealed class Plugin : IntervalNotifier
{
    public static void Run(AddressSpace space)
    {
        var notifier = new Plugin();
        space.Insert(notifier, new AddressRange(0, 9));
        space.StartInvalidation(new AddressRange(0, 0), InvalidationEvent.Clear).Dispose();
        notifier.Remove();
        space.Synchronize();
    }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;
}
