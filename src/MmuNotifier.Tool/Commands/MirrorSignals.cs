using System.Runtime.InteropServices;
using MmuNotifier.Tool.Mirror;

namespace MmuNotifier.Tool.Commands;

/// <summary>
/// The signals of <c>mmun mirror</c>: SIGINT, SIGTERM, SIGHUP and SIGQUIT let the targets go and end it with a report; SIGTSTP lets them
/// go and stops it. Created on the thread that runs the session.
/// </summary>
internal sealed class MirrorSignals : IDisposable
{
    /// <summary>SIGTSTP by its number: by its name it is not known on every system that the runtime is for.</summary>
    private const PosixSignal TerminalStop = (PosixSignal)20;

    private readonly CancellationTokenSource _end = new();
    private readonly EndWatchdog _watchdog = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    internal MirrorSignals()
    {
        Interruption = new MirrorInterruption(_end.Token);
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            On(signal, End);
        On(TerminalStop, _ => Interruption.AskToPause());
    }

    internal MirrorInterruption Interruption { get; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _watchdog.Dispose();
        _end.Dispose();
    }

    private void End(PosixSignal signal)
    {
        _watchdog.Start(signal);
        _end.Cancel();
    }

    private void On(PosixSignal signal, Action<PosixSignal> action) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            action(context.Signal);
        }));
}
