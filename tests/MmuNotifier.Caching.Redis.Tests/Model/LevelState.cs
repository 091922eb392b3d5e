namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>
/// A log, a value in Redis, a node that writes it and one that reads it. Sequences count the changes of the source: entry n is appended
/// after the source has become n.
/// </summary>
internal record struct LevelState
{
    public const sbyte None = -1;

    public LevelState()
    {
    }

    public sbyte Source;
    public sbyte Epoch = 1;
    public sbyte EpochBase;
    public sbyte Log;

    // In Redis: which version, and its stamp.
    public sbyte Stored = None;
    public sbyte StampEpoch;
    public sbyte Stamp;

    // The writer: its position, and its load.
    public sbyte WriterEpoch = 1;
    public sbyte WriterPosition;
    public sbyte WriterValue = None;
    public sbyte WriterStampEpoch;
    public sbyte WriterStamp;
    public bool WriterBegan;

    // The reader: what it has recorded, applied and published, and its attempt.
    public sbyte ReaderEpoch = 1;
    public sbyte Recorded;
    public sbyte Applied;
    public sbyte Floor;
    public sbyte Attempt;
    public sbyte AttemptValue = None;
    public bool IsAttemptDead;
    public bool WasProved;
    public sbyte Entry = None;

    public bool HasNewEpoch;
    public bool HasForgotten;
    public bool IsStale;

    /// <summary>All fields have a byte each: the states are compared as bytes, which is several times as fast.</summary>
    public readonly bool Equals(LevelState other) => StateBytes.Of(in this).SequenceEqual(StateBytes.Of(in other));

    public override readonly int GetHashCode() => StateBytes.Hash(in this);
}
