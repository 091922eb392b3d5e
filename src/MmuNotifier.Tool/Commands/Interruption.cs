using System.Runtime.InteropServices;

namespace MmuNotifier.Tool.Commands;

/// <summary>
/// The first SIGINT (Ctrl-C), SIGTERM or SIGHUP asks a command to stop and to say what it has until then; a second one ends it at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const int FirstOfSignals = 128;

    private readonly CancellationTokenSource _asked = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _number;

    internal Interruption()
    {
        On(PosixSignal.SIGINT, 2);
        On(PosixSignal.SIGTERM, 15);
        On(PosixSignal.SIGHUP, 1); // The last, by which tests see that all are caught.
    }

    internal CancellationToken Asked => _asked.Token;

    /// <summary>The exit code of what has found nothing wrong: 128 and the signal if it was asked to stop.</summary>
    internal int ExitCode => _number == 0 ? ExitCodes.Success : FirstOfSignals + _number;

    /// <summary>Says on standard error that what was printed is not all, if it was asked to stop.</summary>
    internal void Report()
    {
        if (_number != 0)
            Console.Error.WriteLine("mmun: Interrupted: the counts are those until then.");
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _asked.Dispose();
    }

    private void On(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = Interlocked.CompareExchange(ref _number, number, 0) == 0;
        if (context.Cancel)
            _asked.Cancel();
    }));
}
