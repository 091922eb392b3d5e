using System.Runtime.InteropServices;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// Passes the signals that ask for an end on to the program. One that comes while the program is being launched is kept for it.
/// </summary>
internal sealed class SignalRelay : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _hangUp;
    private readonly List<PosixSignal> _early = [];
    private DeviceProgram? _program;

    internal SignalRelay()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, PassOn);
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, PassOn);
    }

    /// <summary>From now on, and what has come already; null when it has ended.</summary>
    internal void PassTo(DeviceProgram? program)
    {
        lock (_lock)
        {
            _program = program;
            if (program is not null)
                _early.ForEach(program.Signal);
        }
    }

    public void Dispose()
    {
        _terminate.Dispose();
        _hangUp.Dispose();
    }

    private void PassOn(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (_program is { } program)
                program.Signal(context.Signal);
            else
                _early.Add(context.Signal);
        }
    }
}
