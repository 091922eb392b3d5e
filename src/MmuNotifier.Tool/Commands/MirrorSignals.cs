using System.Runtime.InteropServices;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Tool.Commands;

/// <summary>
/// The signals of <c>mmun mirror</c>: SIGINT, SIGTERM, SIGHUP and SIGQUIT let the targets go and end it with a report; SIGTSTP lets them
/// go and stops it. Created on the thread that runs the session.
/// </summary>
internal sealed class MirrorSignals : IDisposable
{
    /// <summary>SIGTSTP by its number: by its name it is not known on every system that the runtime is for.</summary>
    private const PosixSignal TerminalStop = (PosixSignal)20;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly EndWatchdog _watchdog;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private MirrorSession? _session;
    private bool _isPauseAsked;

    /// <param name="failureCode">The exit code when the end must be forced.</param>
    internal MirrorSignals(int failureCode)
    {
        _watchdog = new EndWatchdog(failureCode);
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            On(signal, BeginEnd);
        On(TerminalStop, _ => Pause());
    }

    /// <summary>Cancelled when the session is to end.</summary>
    internal CancellationToken End => _end.Token;

    /// <summary>Passes orders to pause on, also one that came before.</summary>
    internal void PassPausesTo(MirrorSession session)
    {
        lock (_lock)
        {
            _session = session;
            if (_isPauseAsked)
                session.AskToPause();
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _watchdog.Dispose();
        _end.Dispose();
    }

    private void BeginEnd(PosixSignal signal)
    {
        _watchdog.Start(signal);
        _end.Cancel();
    }

    private void Pause()
    {
        lock (_lock)
        {
            if (_session is null)
                _isPauseAsked = true;
            else
                _session.AskToPause();
        }
    }

    private void On(PosixSignal signal, Action<PosixSignal> action) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            action(context.Signal);
        }));
}
