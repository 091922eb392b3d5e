using MmuNotifier.Linux.Watching;

namespace MmuNotifier.Linux.OwnWatching;

/// <summary>What ends the event reader, and what it signals with.</summary>
internal sealed class WakeDescriptorPair : IDisposable
{
    internal WakeDescriptor Stop { get; } = new();

    internal WakeDescriptor Signal { get; } = new();

    public void Dispose()
    {
        Stop.Dispose();
        Signal.Dispose();
    }
}
