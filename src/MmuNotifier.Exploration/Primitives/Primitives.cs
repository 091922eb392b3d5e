using System.Runtime.CompilerServices;
using MmuNotifier.Exploration;
using MmuNotifier.Exploration.Model;
using MmuNotifier.Exploration.Reporting;
using MmuNotifier.Exploration.Running;

namespace MmuNotifier;

// Stands in for src/MmuNotifier/Engine/Primitives.cs, which documents each type: here the explorer decides before every access which thread
// runs next, and which of the allowed values a read returns.
//
// The SeededDefect parameter of an access or a fence removes its ordering while that defect is active. Only the overlays in Defects pass
// one.

/// <summary>A 64-bit word that several threads read and write.</summary>
internal struct AtomicInt64
{
    // Created by the first access, even through a readonly member. That is safe, because only one thread runs at a time.
    private Location? _location;

    public AtomicInt64(long value) => _location = new Location(value);

    public readonly long Read(SeededDefect relaxedBy = SeededDefect.None) =>
        MemoryModel.Read(ref Unsafe.AsRef(in _location), isAcquire: !Seeded.Has(relaxedBy)).Value;

    public readonly long ReadRelaxed() => MemoryModel.Read(ref Unsafe.AsRef(in _location), isAcquire: false).Value;

    public void Write(long value, SeededDefect relaxedBy = SeededDefect.None) =>
        MemoryModel.Write(ref _location, value, reference: null, isRelease: !Seeded.Has(relaxedBy));

    public void WriteRelaxed(long value) => MemoryModel.Write(ref _location, value, reference: null, isRelease: false);

    public long CompareExchange(long value, long comparand, SeededDefect relaxedBy = SeededDefect.None) =>
        MemoryModel.ReadModifyWrite(ref _location, value, comparand, isFenced: !Seeded.Has(relaxedBy));

    public long Exchange(long value, SeededDefect relaxedBy = SeededDefect.None) =>
        MemoryModel.ReadModifyWrite(ref _location, value, comparand: null, isFenced: !Seeded.Has(relaxedBy));
}

/// <summary>A reference that several threads read and write.</summary>
internal struct AtomicReference<T>
    where T : class
{
    private Location? _location;

    public readonly T? Read(SeededDefect relaxedBy = SeededDefect.None) =>
        (T?)MemoryModel.Read(ref Unsafe.AsRef(in _location), isAcquire: !Seeded.Has(relaxedBy)).Reference;

    public readonly T? ReadRelaxed() => (T?)MemoryModel.Read(ref Unsafe.AsRef(in _location), isAcquire: false).Reference;

    public void Write(T? value, SeededDefect relaxedBy = SeededDefect.None) =>
        MemoryModel.Write(ref _location, value: 0, value, isRelease: !Seeded.Has(relaxedBy));

    public void WriteRelaxed(T? value) => MemoryModel.Write(ref _location, value: 0, value, isRelease: false);

    public T? CompareExchange(T? value, T? comparand) => (T?)MemoryModel.ReadModifyWrite(ref _location, value, comparand);
}

/// <summary>Barriers.</summary>
internal static class Fence
{
    public static void Full(SeededDefect omittedBy = SeededDefect.None)
    {
        if (!Seeded.Has(omittedBy))
            MemoryModel.Fence(isProcessWide: false);
    }

    public static void ProcessWide(SeededDefect omittedBy = SeededDefect.None)
    {
        if (!Seeded.Has(omittedBy))
            MemoryModel.Fence(isProcessWide: true);
    }
}

/// <summary>A lock of the engine: the address space has one, and some of its parts have their own.</summary>
internal sealed class EngineLock
{
    private readonly ModelledLock _lock = new();

    public LockScope Hold()
    {
        _lock.Enter();
        return new LockScope(_lock);
    }

    public void AssertHeld() => _lock.AssertHeld(isHeld: true, "The engine lock must be held here.");

    public void AssertNotHeld() => _lock.AssertHeld(isHeld: false, "User code and waits must not run under the engine lock.");
}

/// <summary>A lock of the process that no schedule depends on.</summary>
internal sealed class LeafLock
{
    private readonly Lock _lock = new();

    public Lock.Scope Hold() => _lock.EnterScope();
}

/// <summary>A lock that its holder may take again. Driver locks are built on it.</summary>
internal sealed class ReentrantLock
{
    private readonly ModelledLock _lock = new();

    public bool IsHeldByCurrentThread => _lock.IsHeldByCurrentThread;

    public LockScope Hold()
    {
        _lock.Enter();
        return new LockScope(_lock);
    }

    public bool TryHold(out LockScope scope)
    {
        bool isTaken = _lock.TryEnter();
        scope = isTaken ? new LockScope(_lock) : default;
        return isTaken;
    }
}

/// <summary>Names a step of a driver or an address space, for the timelines of exploration builds.</summary>
internal static class NamedStep
{
    /// <summary>No scheduling point. The text is built only while a timeline is recorded.</summary>
    public static void Note(StepText what)
    {
        if (what.Text is { } text)
            ControlledThread.Current?.Execution.Note(text);
    }

    public static void Note(string what) => ControlledThread.Current?.Execution.Note(what);
}

/// <summary>A lock with a condition to wait for.</summary>
internal sealed class WaitMonitor
{
    private readonly ModelledLock _lock = new();

    public bool IsHeldByCurrentThread => _lock.IsHeldByCurrentThread;

    public Scope Hold()
    {
        _lock.Enter();
        return new Scope(_lock);
    }

    public bool Wait(TimeSpan timeout) => _lock.Wait(timeout);

    public void Pulse() => _lock.Pulse();

    public readonly ref struct Scope(ModelledLock taken)
    {
        public void Dispose() => taken.Exit();
    }
}

/// <summary>One hold of a lock; harmless to dispose again.</summary>
internal ref struct LockScope(ModelledLock? taken)
{
    private ModelledLock? _taken = taken;

    public void Dispose()
    {
        _taken?.Exit();
        _taken = null;
    }
}

/// <summary>Interrupts of the calling thread; raised by <see cref="Explore.Interrupt"/>, and by nothing else here.</summary>
internal static class Interrupts
{
    public static void RaiseAgain() => ControlledThread.Current?.IsInterrupted = true;

    public static void Clear() => ControlledThread.Current?.IsInterrupted = false;
}

/// <summary>Calls back when a token is cancelled, until the watch is disposed.</summary>
internal sealed class CancellationWatch : IDisposable
{
    private readonly CancellationTokenRegistration _registration;
    private readonly SeededDefect _unawaitedBy;
    private bool _isCalling;

    public CancellationWatch(
        Action<object?> callback, object state, CancellationToken token, SeededDefect unawaitedBy = SeededDefect.None)
    {
        _unawaitedBy = unawaitedBy;
        if (!token.CanBeCanceled)
            return;
        _registration = token.UnsafeRegister(
            _ =>
            {
                _isCalling = true;
                try
                {
                    callback(state);
                }
                finally
                {
                    _isCalling = false;
                }
            },
            null);
    }

    /// <summary>The framework's own Dispose would spin until the callback has run, and its thread would never be scheduled.</summary>
    public void Dispose()
    {
        if (Seeded.Has(_unawaitedBy))
        {
            _registration.Unregister();
            return;
        }

        if (_isCalling)
            Explore.WaitUntil(() => !_isCalling);
        _registration.Dispose();
    }
}

/// <summary>What a task waits for. For the explorer, its continuations run on a thread of their own.</summary>
internal sealed class Completion<TResult>
{
    private readonly TaskCompletionSource<TResult> _source = new();

    public Task<TResult> Task => _source.Task;

    public void SetResult(TResult result) => Run(() => _source.SetResult(result));

    public void SetCanceled(CancellationToken token) => Run(() => _source.SetCanceled(token));

    private static void Run(Action complete)
    {
        if (ControlledThread.Current is null)
            System.Threading.Tasks.Task.Run(complete); // Outside a schedule there may be thousands: they share the thread pool.
        else
            ControlledThread.StartBackground(complete, "continuation");
    }
}

/// <summary>What is kept for threads and given up when they have ended.</summary>
internal static class ThreadEnd
{
    /// <summary>Nothing: the threads of a schedule end with it, and the finalizer's thread is not one of them.</summary>
    public static void Own(IThreadOwned target)
    {
    }
}

/// <summary>Threads that the engine starts.</summary>
internal static class BackgroundThread
{
    public static bool EndsWithSchedule => true;

    public static int ProcessorCount => 1;

    public static void Start(Action body, string name) => ControlledThread.StartBackground(body, name);
}

/// <summary>Counts what an operation costs.</summary>
internal static class StepCount
{
    public static void Add()
    {
        if (ControlledThread.Current is null)
            MemoryModel.CountStep();
    }

    public static void Suspend() => MemoryModel.SuspendCount();

    public static void Resume() => MemoryModel.ResumeCount();
}

/// <summary>Sizes that are larger in production builds.</summary>
internal static class Bounds
{
    public const int NearInvalidations = 2;

    /// <summary>No spinning: the explorer tries the schedules in which the holder runs first anyway.</summary>
    public const int LockSpins = 0;

    public const int LockPatience = 1;

    public const int LoggedBumps = 4;
}

/// <summary>A point between two accesses to memory that is not a primitive, at which another thread may run.</summary>
internal static class SchedulingPoint
{
    public static void Mark() => MemoryModel.Pause();
}
