using System.Diagnostics;

namespace MmuNotifier.Processes;

/// <summary>The end of a wait: after its limit, or soon after somebody asks to hurry.</summary>
internal struct Deadline(TimeSpan limit, TimeSpan hurriedLimit, CancellationToken hurry)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _hurriedSince;

    internal bool IsOver
    {
        get
        {
            if (Stopwatch.GetElapsedTime(_start) > limit)
                return true;
            if (!hurry.IsCancellationRequested)
                return false;
            if (_hurriedSince == 0)
                _hurriedSince = Stopwatch.GetTimestamp();
            return Stopwatch.GetElapsedTime(_hurriedSince) > hurriedLimit;
        }
    }
}
