using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

// Everything that threads of the engine use to meet: words, references, fences, locks, waits, background threads. The engine uses nothing
// else across threads without a lock. The explorer compiles the engine's sources with a file of its own in place of this one
// (src/MmuNotifier.Exploration/Primitives/Primitives.cs): there it decides who runs next and what a read returns.
//
// Orderings, in .NET's terms: Read is a volatile read (acquire), Write a volatile write (release), ReadRelaxed and WriteRelaxed are
// ordinary accesses of one aligned word; every read-modify-write is a full fence on both sides, as Interlocked is on x64 and Arm64.

/// <summary>A 64-bit word that several threads read and write.</summary>
internal struct AtomicInt64
{
    private long _value;

    public AtomicInt64(long value) => _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Read() => Volatile.Read(in _value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long ReadRelaxed() => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(long value) => Volatile.Write(ref _value, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRelaxed(long value) => _value = value;

    /// <returns>What the word was; it has the new value if that is the comparand.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long CompareExchange(long value, long comparand) => Interlocked.CompareExchange(ref _value, value, comparand);

    /// <returns>What the word was.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Exchange(long value) => Interlocked.Exchange(ref _value, value);
}

/// <summary>A reference that several threads read and write.</summary>
internal struct AtomicReference<T>
    where T : class
{
    private T? _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T? Read() => Volatile.Read(in _value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T? ReadRelaxed() => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(T? value) => Volatile.Write(ref _value, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRelaxed(T? value) => _value = value;

    /// <returns>What the reference was; it is the new one if that is the comparand.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? CompareExchange(T? value, T? comparand) => Interlocked.CompareExchange(ref _value, value, comparand);
}

/// <summary>Barriers.</summary>
internal static class Fence
{
    /// <summary>Orders all accesses before it against all after it, on this thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Full() => Interlocked.MemoryBarrier();

    /// <summary>
    /// A full fence on every thread of the process at once (membarrier in Linux): the rare side of a pair whose frequent side has none.
    /// Takes microseconds.
    /// </summary>
    public static void ProcessWide() => Interlocked.MemoryBarrierProcessWide();
}

/// <summary>
/// A lock of the engine: the address space has one, and some of its parts have their own. It is the innermost lock except for a waiter's
/// own monitor: no user code runs under it, nothing waits under it, and every hold is as short as one walk of the tree.
/// </summary>
internal sealed class EngineLock : ParkingLock;

/// <summary>A lock of the process that no schedule depends on: the explorer does not model it.</summary>
internal sealed class LeafLock : ParkingLock;

/// <summary>A lock that its holder may take again. Driver locks are built on it.</summary>
internal sealed class ReentrantLock
{
    private readonly Lock _lock = new();

    public bool IsHeldByCurrentThread => _lock.IsHeldByCurrentThread;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LockScope Hold() => new(_lock.EnterScope());

    /// <returns>False if another thread holds it; the scope is then harmless to dispose.</returns>
    public bool TryHold(out LockScope scope)
    {
        if (!_lock.TryEnter())
        {
            scope = default;
            return false;
        }

        scope = new LockScope(_lock.EnterScope());
        _lock.Exit();
        return true;
    }
}

/// <summary>One hold of a <see cref="ReentrantLock"/>; harmless to dispose again.</summary>
internal ref struct LockScope(Lock.Scope held)
{
    private Lock.Scope _held = held;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _held.Dispose();
}

/// <summary>Names a step of a driver or an address space, for the timelines of the explorer.</summary>
internal static class NamedStep
{
    /// <summary>Compiled away in production, the text with it.</summary>
    [Conditional("EXPLORATION")]
    public static void Note(string what)
    {
    }
}

/// <summary>A lock with a condition to wait for.</summary>
/// <remarks>
/// <see cref="Thread.Interrupt"/> ends <see cref="Wait"/> and nothing else: an interrupt that comes while the thread waits for the lock
/// is kept for its wait, or until it has let the lock go.
/// </remarks>
internal sealed class WaitMonitor
{
    private readonly object _monitor = new();

    /// <summary>Guarded by the lock: its holder was interrupted while it waited for it.</summary>
    private bool _owesInterrupt;

    public bool IsHeldByCurrentThread => Monitor.IsEntered(_monitor);

    public Scope Hold()
    {
        try
        {
            Monitor.Enter(_monitor);
        }
        catch (ThreadInterruptedException)
        {
            HoldAfterInterrupt();
        }

        return new Scope(this);
    }

    /// <summary>Under the lock: waits for a pulse and takes the lock again. False if the time is over.</summary>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted. It has the lock.</exception>
    public bool Wait(TimeSpan timeout)
    {
        if (!_owesInterrupt)
            return Monitor.Wait(_monitor, timeout);
        _owesInterrupt = false;
        throw new ThreadInterruptedException();
    }

    /// <summary>Under the lock: wakes one waiting thread.</summary>
    public void Pulse() => Monitor.Pulse(_monitor);

    private void HoldAfterInterrupt()
    {
        while (true)
        {
            try
            {
                Monitor.Enter(_monitor);
                _owesInterrupt = true;
                return;
            }
            catch (ThreadInterruptedException)
            {
                // Interrupted once more: one interrupt at the end stands for all.
            }
        }
    }

    private void LetGo()
    {
        bool owesInterrupt = _owesInterrupt;
        _owesInterrupt = false;
        Monitor.Exit(_monitor);
        if (owesInterrupt)
            Thread.CurrentThread.Interrupt();
    }

    public readonly ref struct Scope(WaitMonitor monitor)
    {
        public void Dispose() => monitor.LetGo();
    }
}

/// <summary>Interrupts of the calling thread, where it matters who gets them.</summary>
internal static class Interrupts
{
    /// <summary>A wait on it never blocks, but throws when an interrupt is due.</summary>
    private static readonly ManualResetEvent s_open = new(true);

    /// <summary>Interrupts the calling thread at its next wait.</summary>
    public static void RaiseAgain() => Thread.CurrentThread.Interrupt();

    /// <summary>Takes an interrupt away that user code left to a thread of the engine.</summary>
    public static void Clear()
    {
        try
        {
            s_open.WaitOne();
        }
        catch (ThreadInterruptedException)
        {
            // That is what it is for.
        }
    }
}

/// <summary>Calls back when a token is cancelled, until the watch is disposed.</summary>
internal readonly struct CancellationWatch : IDisposable
{
    private readonly CancellationTokenRegistration _registration;

    public CancellationWatch(Action<object?> callback, object state, CancellationToken token)
    {
        _registration = token.UnsafeRegister(callback, state);
    }

    /// <summary>Waits for a call that runs; afterwards none will come. An interrupt does not end that wait, and is raised again.</summary>
    public void Dispose()
    {
        bool isInterrupted = false;
        while (true)
        {
            try
            {
                _registration.Dispose();
                break;
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        }

        if (isInterrupted)
            Interrupts.RaiseAgain();
    }
}

/// <summary>What a task waits for. Its continuations never run on the thread that completes it.</summary>
internal sealed class Completion<TResult>
{
    private readonly TaskCompletionSource<TResult> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _source.Task;

    public void SetResult(TResult result) => _source.SetResult(result);

    public void SetCanceled(CancellationToken token) => _source.SetCanceled(token);
}

/// <summary>What is kept for threads and given up when they have ended.</summary>
internal static class ThreadEnd
{
    public static void Own(IThreadOwned target) => ThreadIndex.Own(target);
}

/// <summary>Threads that the engine starts.</summary>
internal static class BackgroundThread
{
    public static bool EndsWithSchedule => false;

    /// <summary>How many can run at a time.</summary>
    public static int ProcessorCount => Environment.ProcessorCount;

    /// <exception cref="OutOfMemoryException">The system gives the process no thread.</exception>
    /// <exception cref="ThreadStartException">The same.</exception>
    public static void Start(Action body, string name) => new Thread(() => body()) { IsBackground = true, Name = name }.UnsafeStart();
}

/// <summary>
/// Counts the steps of loops, beside the accesses of primitives, where the explorer measures growth: what an operation costs, whatever
/// the machine.
/// </summary>
internal static class StepCount
{
    /// <summary>Compiled away in production, as the others are.</summary>
    [Conditional("EXPLORATION")]
    public static void Add()
    {
    }

    /// <summary>For what debug builds only do.</summary>
    [Conditional("EXPLORATION")]
    public static void Suspend()
    {
    }

    [Conditional("EXPLORATION")]
    public static void Resume()
    {
    }
}

/// <summary>Sizes that the explorer makes smaller, so that few steps lead beyond them.</summary>
internal static class Bounds
{
    /// <summary>How many invalidations one thread has open on one space before it puts one aside.</summary>
    public const int NearInvalidations = 8;

    /// <summary>
    /// How often a thread that waits for a lock looks at it before it sleeps: some microseconds. None where nobody can run meanwhile.
    /// </summary>
    public static readonly int LockSpins = Environment.ProcessorCount == 1 ? 0 : 24;

    /// <summary>How often a thread is woken for a lock that others take first, before it is handed over.</summary>
    public const int LockPatience = 8;

    /// <summary>How many bumps of a notifier's sequence its log tells apart.</summary>
    public const int LoggedBumps = 32;
}

/// <summary>A place between two accesses of memory that is no primitive, where another thread may come in between.</summary>
internal static class SchedulingPoint
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mark()
    {
    }
}
