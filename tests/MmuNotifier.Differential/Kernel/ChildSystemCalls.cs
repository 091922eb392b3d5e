using MmuNotifier.Linux;

namespace MmuNotifier.Differential;

/// <summary>System calls of a child of this process, which has all descriptors that this one had at the fork.</summary>
internal sealed class ChildSystemCalls : ISystemCalls
{
    private readonly SystemCallChild _child = SystemCallChild.ForkThis(out Hmm.Errno error)
        ?? throw new InvalidOperationException($"There can be no child ({error}).");

    public int ProcessId => _child.ProcessId;

    public long Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0)
    {
        long result = _child.Call(number, a, b, c, d, e, f);
        return result != -(long)Hmm.Errno.NoProcess ? result : throw new InvalidOperationException($"The child {ProcessId} has gone.");
    }

    public void Dispose() => _child.Dispose();
}
