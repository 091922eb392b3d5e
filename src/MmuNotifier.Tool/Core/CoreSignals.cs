using System.Runtime.InteropServices;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Core;

/// <summary>
/// SIGINT, SIGTERM, SIGHUP and SIGQUIT let the process go and end <c>mmun core</c> without a core; another signal can ask for one.
/// </summary>
internal sealed class CoreSignals : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly EndWatchdog _watchdog = new(ExitCodes.Impossible);
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>How long a signal that asks for a core may have to wait.</summary>
    internal static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private int _asked;

    /// <param name="asking">The signal that asks for a core; null if none does.</param>
    internal CoreSignals(PosixSignal? asking)
    {
        if (asking is { } ask)
        {
            _registrations.Add(PosixSignalRegistration.Create(ask, context =>
            {
                context.Cancel = true;
                Volatile.Write(ref _asked, 1);
            }));
        }

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

    /// <summary>Whether a core was asked for since the last call.</summary>
    internal bool TakeAsked() => Interlocked.Exchange(ref _asked, 0) != 0;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _watchdog.Dispose();
        _end.Dispose();
    }
}
