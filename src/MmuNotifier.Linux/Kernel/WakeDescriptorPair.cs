namespace MmuNotifier.Linux;

/// <summary>What ends a native handler, and what it signals with.</summary>
internal sealed class WakeDescriptorPair : IDisposable
{
    private WakeDescriptorPair(WakeDescriptor stop, WakeDescriptor signal)
    {
        Stop = stop;
        Signal = signal;
    }

    internal WakeDescriptor Stop { get; }

    internal WakeDescriptor Signal { get; }

    /// <summary>Makes both, or neither: then null with the error.</summary>
    internal static WakeDescriptorPair? TryCreate(out Errno error)
    {
        WakeDescriptor? stop = WakeDescriptor.TryCreate(out error);
        if (stop is null)
            return null;
        WakeDescriptor? signal = WakeDescriptor.TryCreate(out error);
        if (signal is not null)
            return new WakeDescriptorPair(stop, signal);
        stop.Dispose();
        return null;
    }

    public void Dispose()
    {
        Stop.Dispose();
        Signal.Dispose();
    }
}
