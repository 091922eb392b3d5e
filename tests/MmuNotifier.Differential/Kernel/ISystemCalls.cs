namespace MmuNotifier.Differential;

/// <summary>Makes system calls in some process. Not for several threads at once.</summary>
internal interface ISystemCalls : IDisposable
{
    /// <summary>The process whose memory the calls act on.</summary>
    int ProcessId { get; }

    /// <summary>Makes one call.</summary>
    /// <returns>A result that is not negative, or the error number negated.</returns>
    long Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0);
}
