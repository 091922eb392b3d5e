namespace MmuNotifier.Tests.Misuse;

public class TraceTests
{
    /// <summary>Released has nobody to throw to, and nobody listens to the event here.</summary>
    [Fact]
    public void Misuse_that_nobody_catches_is_traced()
    {
        using var listener = new RecordingListener();
        var space = new AddressSpace();
        var notifier = new TestNotifier { OnReleased = () => space.Synchronize() };
        space.Insert(notifier, new AddressRange(0, 9));
        notifier.Remove();
        space.Synchronize();

        Assert.Contains(listener.Messages, message => message.Contains(nameof(TraceTests), StringComparison.Ordinal));
    }
}
