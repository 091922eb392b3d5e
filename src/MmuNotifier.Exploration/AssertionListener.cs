using System.Diagnostics;

namespace MmuNotifier.Exploration;

/// <summary>Makes failed assertions of the engine (debug builds) failures of the schedule; by default they end the process.</summary>
internal sealed class AssertionListener : TraceListener
{
    private static readonly AssertionListener s_instance = new();

    public static void Install()
    {
        if (Trace.Listeners.Contains(s_instance))
            return;
        Trace.Listeners.Clear();
        Trace.Listeners.Add(s_instance);
    }

    public override void Fail(string? message, string? detailMessage) =>
        Explore.Assert(false, $"Assertion failed: {message} {detailMessage}");

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }
}
