using System.Collections.Concurrent;
using System.Diagnostics;

namespace MmuNotifier.Tests;

/// <summary>Keeps what is traced while it exists.</summary>
internal sealed class RecordingListener : TraceListener
{
    public RecordingListener()
    {
        Trace.Listeners.Add(this);
    }

    public ConcurrentQueue<string> Messages { get; } = new();

    public override void Write(string? message) => Messages.Enqueue(message ?? "");

    public override void WriteLine(string? message) => Messages.Enqueue(message ?? "");

    protected override void Dispose(bool disposing)
    {
        Trace.Listeners.Remove(this);
        base.Dispose(disposing);
    }
}
