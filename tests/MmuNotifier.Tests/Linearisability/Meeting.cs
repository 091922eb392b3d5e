using System.Diagnostics;

namespace MmuNotifier.Tests.Linearisability;

/// <summary>Where two threads wait for each other, but not for long, so that what they do next meets.</summary>
internal sealed class Meeting
{
    private static readonly long s_limit = Stopwatch.Frequency / 20_000;

    // Operations that run one after the other are run by the thread that draws.
    private readonly int _drawingThread = Environment.CurrentManagedThreadId;
    private readonly int[] _arrived = new int[Lanes.Count];

    public void Arrive(int lane)
    {
        if (Environment.CurrentManagedThreadId == _drawingThread)
            return;
        int own = Interlocked.Increment(ref _arrived[lane]);
        int awaited = own + (own & 1);
        long limit = Stopwatch.GetTimestamp() + s_limit;
        while (Volatile.Read(ref _arrived[lane]) < awaited && Stopwatch.GetTimestamp() < limit)
            Thread.SpinWait(1);

        // Which thread continues first, the first or the last to arrive, and by how much: different on each lane.
        Thread.SpinWait((own & 1) == 0 ? lane % 8 : lane / 8);
    }
}
