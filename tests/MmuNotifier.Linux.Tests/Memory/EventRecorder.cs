namespace MmuNotifier.Linux.Tests.Memory;

/// <summary>Writes down what is announced, in order. For one thread.</summary>
internal sealed class EventRecorder : WholeSpaceNotifier
{
    internal List<(InvalidationEvent Event, AddressRange Range)> Events { get; } = [];

    protected override bool InvalidateStart(in Invalidation invalidation)
    {
        Events.Add((invalidation.Event, invalidation.Range));
        return true;
    }

    protected override void InvalidateEnd(in Invalidation invalidation)
    {
    }
}
