using System.Runtime.InteropServices;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Core;

/// <summary>SIGINT, SIGTERM, SIGHUP and SIGQUIT let the process go and end <c>mmun core</c> without a core.</summary>
internal sealed class CoreSignals : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly EndWatchdog _watchdog = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    internal CoreSignals()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _watchdog.Start(context.Signal);
                _end.Cancel();
            }));
        }
    }

    internal CancellationToken End => _end.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _watchdog.Dispose();
        _end.Dispose();
    }
}
