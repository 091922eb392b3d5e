using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// Whether read sections of a notifier may open without a look at the active invalidations: the number of active invalidations that meet
/// its range, and flags for what lasts.
/// </summary>
internal readonly record struct Gate(int Bits)
{
    private const int CountMask = (1 << 24) - 1;
    private const int NotInsertedBit = 1 << 24;
    private const int RemovedBit = 1 << 25;
    private const int ExitedBit = 1 << 26;
    private const int FailedBit = 1 << 27;

    public static Gate NotInserted => new(NotInsertedBit);

    public bool IsOpen => Bits == 0;

    public bool IsRemoved => (Bits & RemovedBit) != 0;

    public bool IsExited => (Bits & ExitedBit) != 0;

    public bool IsFailed => (Bits & FailedBit) != 0;

    public int ActiveCount => Bits & CountMask;

    public Gate AsRemoved => new(Bits | RemovedBit);

    public Gate AsExited => new(Bits | ExitedBit);

    public Gate AsFailed => new(Bits | FailedBit);

    public Gate Raised => new(Bits + 1);

    public Gate Lowered
    {
        get
        {
            Debug.Assert(ActiveCount > 0, "An invalidation that ends was counted when it started or when an edit met it.");
            return new Gate(Bits - 1);
        }
    }

    public Gate WithActiveCount(int count) => new((Bits & ~(CountMask | NotInsertedBit)) | count);
}
