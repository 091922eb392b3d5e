using System.Diagnostics;

namespace MmuNotifier.Tests.Linearisability;

/// <summary>
/// An operation that CsCheck draws: run on the engine, where it notes what it observed and when, and then predicted by the model, perhaps
/// in many orders. An operation is run on one engine at a time; it shares with its copies nothing that changes.
/// </summary>
internal abstract class Operation
{
    public Observation? Observed { get; private set; }

    public long Began { get; private set; }

    public long Ended { get; private set; }

    /// <summary>A clock that no two threads write to: a shared counter would order what is to race.</summary>
    protected static long Now => Stopwatch.GetTimestamp();

    public void RunOn(EngineSpace space)
    {
        Began = Now;
        try
        {
            Observed = Run(space);
        }
        catch (InvalidOperationException exception) when (exception.GetType() == typeof(InvalidOperationException))
        {
            Observed = new Observation(Prediction.Misuse);
        }

        Ended = Now;
    }

    /// <summary>The same operation, to be run on another engine at the same time.</summary>
    public Operation Copy() => (Operation)MemberwiseClone();

    public abstract Prediction Predict(ModelSpace model);

    /// <summary>Whether the model's place for it explains what was observed while other threads were at work.</summary>
    public virtual bool IsExplainedBy(HistoryEntry own, Beside beside) => own.Prediction.IsExactly(Observed!);

    protected abstract Observation Run(EngineSpace space);
}
