using System.Collections.Concurrent;
using System.Diagnostics;

namespace MmuNotifier.Tests.Misuse;

public class TraceTests
{
    /// <summary>Released has nobody to throw to, and nobody listens to the event here.</summary>
    [Fact]
    public void Misuse_that_nobody_catches_is_traced()
    {
        using var listener = new Listener();
        Trace.Listeners.Add(listener);
        try
        {
            var space = new AddressSpace();
            var notifier = new TestNotifier { OnReleased = () => space.Synchronize() };
            space.Insert(notifier, new AddressRange(0, 9));
            notifier.Remove();
            space.Synchronize();

            Assert.Contains(listener.Messages, message => message.Contains(nameof(TraceTests), StringComparison.Ordinal));
        }
        finally
        {
            Trace.Listeners.Remove(listener);
        }
    }

    private sealed class Listener : TraceListener
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public override void Write(string? message) => Messages.Enqueue(message ?? "");

        public override void WriteLine(string? message) => Messages.Enqueue(message ?? "");
    }
}
