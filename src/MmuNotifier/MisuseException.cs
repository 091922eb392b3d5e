using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <summary>
/// A call that could wait for ever: it waits from inside user code that the engine calls, or it would close a circle of locks and callbacks
/// that wait for each other. The message names the calls, the locks, where each was taken, and what to call instead.
/// </summary>
/// <remarks>
/// Thrown before the call does anything, and also when this run would have got away with it; only where misuse validation is on: see
/// docs/misuse.md. Where user code may have swallowed it, the trace listeners (<see cref="Trace.TraceError(string)"/>) have it all the
/// same.
/// </remarks>
public sealed class MisuseException : InvalidOperationException
{
    private MisuseException(string message)
        : base(message)
    {
    }

    [DoesNotReturn]
    internal static void Throw(string message)
    {
        Trace.TraceError(message);
        throw new MisuseException(message);
    }
}
