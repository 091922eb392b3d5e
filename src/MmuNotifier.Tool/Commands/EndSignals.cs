using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Commands;

/// <summary>SIGINT, SIGTERM, SIGHUP and SIGQUIT end a command; SIGWINCH wakes it. Created on the thread that runs the command.</summary>
internal sealed class EndSignals : IDisposable
{
    /// <summary>SIGWINCH by its number: by its name it is not known on every system that the runtime is for.</summary>
    private const PosixSignal WindowChange = (PosixSignal)28;

    private readonly CancellationTokenSource _end = new();
    private readonly WakeDescriptor _wake = new();
    private readonly EndWatchdog _watchdog;
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <param name="beforeForce">Called if the command has to be ended by force; must not wait.</param>
    internal EndSignals(Action? beforeForce = null)
    {
        _watchdog = new EndWatchdog(ExitCodes.Impossible, beforeForce);
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _watchdog.Start(context.Signal);
                _end.Cancel();
                _wake.Signal();
            }));
        }

        _registrations.Add(PosixSignalRegistration.Create(WindowChange, _ => _wake.Signal()));
    }

    internal CancellationToken End => _end.Token;

    /// <summary>For poll: readable when a signal has come since <see cref="ClearWakeIfSet"/>.</summary>
    internal int WakeDescriptor => _wake.Descriptor;

    internal void ClearWakeIfSet() => Wait(TimeSpan.Zero);

    /// <summary>Waits for a time, or until a signal has come.</summary>
    internal void Wait(TimeSpan limit)
    {
        int milliseconds = (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 0, int.MaxValue);
        Span<PollEntry> entry = [new PollEntry { Descriptor = _wake.Descriptor, Wanted = PollEvents.In }];
        if (DescriptorPoll.Wait(entry, milliseconds, out _) > 0)
            _wake.Clear();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _watchdog.Dispose();
        _wake.Dispose();
        _end.Dispose();
    }
}
