using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// A driver lock that the engine knows of: a <see cref="Lock"/> whose order with the callbacks is validated. A call that waits under it
/// fails if a callback of the same address space takes it, also in a run that would not hang: see docs/misuse.md.
/// </summary>
/// <remarks>
/// <para>As with <see cref="Lock"/>, the thread that holds it may take it again, and each scope is disposed on the thread that got
/// it.</para>
/// <para>Where validation is off it is nothing but the <see cref="Lock"/>.</para>
/// </remarks>
/// <example>
/// <code>
/// using (_driverLock.Hold())
/// {
///     if (!section.MustRetry)
///         _entries.Commit(entries);
/// }
/// </code>
/// </example>
public sealed class DriverLock
{
    private readonly ReentrantLock _lock = new();

    /// <summary>Makes a lock that nobody holds.</summary>
    /// <param name="name">What messages call it. Need not be unique: two locks of one name are two locks.</param>
    public DriverLock(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        Node = MisuseValidation.IsEnabled ? new DependencyNode(isWaitedFor: true) : null;
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>Whether the calling thread holds it.</summary>
    public bool IsHeldByCurrentThread => _lock.IsHeldByCurrentThread;

    /// <summary>Null where validation is off.</summary>
    internal DependencyNode? Node { get; }

    /// <summary>In debug builds: what the lock guards is used only by the thread that holds it.</summary>
    [Conditional("DEBUG")]
    internal void AssertHeld() => Debug.Assert(IsHeldByCurrentThread, $"The lock '{Name}' must be held here.");

    /// <summary>Takes the lock, waiting for it as long as it takes. May be called anywhere, also inside any callback.</summary>
    /// <param name="file">For messages; filled in by the compiler.</param>
    /// <param name="line">For messages; filled in by the compiler.</param>
    /// <param name="member">For messages; filled in by the compiler.</param>
    /// <returns>The hold, to be disposed on the same thread.</returns>
    /// <exception cref="MisuseException">
    /// Validation is on, and taking it here could wait for ever: a wait was seen under this lock, or two locks in the other order. The
    /// lock is not taken.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Hold([CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "") =>
        MisuseValidation.IsEnabled ? HoldValidated(file, line, member) : new Scope(_lock.Hold(), null);

    /// <summary>
    /// Takes the lock if nobody else holds it. Never waits, so the order with other locks and callbacks does not matter here.
    /// </summary>
    /// <param name="scope">The hold, to be disposed on the same thread; <c>default</c> if it was not taken, harmless to dispose.</param>
    /// <param name="file">For messages; filled in by the compiler.</param>
    /// <param name="line">For messages; filled in by the compiler.</param>
    /// <param name="member">For messages; filled in by the compiler.</param>
    /// <returns>Whether it was taken.</returns>
    public bool TryHold(
        out Scope scope, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        if (!_lock.TryHold(out LockScope held))
        {
            scope = default;
            return false;
        }

        scope = new Scope(held, this);
        if (MisuseValidation.IsEnabled)
            Push(file, line, member);
        return true;
    }

    private Scope HoldValidated(string file, int line, string member)
    {
        HeldStack.Current.RequireMayTake(Node!, Name, file, line, member);
        var scope = new Scope(_lock.Hold(), this);
        Push(file, line, member);
        return scope;
    }

    private void Push(string file, int line, string member) =>
        HeldStack.Current.Push(new HeldEntry { Node = Node!, LockName = Name, File = file, Line = line, Member = member });

    /// <summary>One hold of a <see cref="DriverLock"/>; a ref struct, so that it stays on the thread that took it.</summary>
    public ref struct Scope
    {
        private LockScope _held;
        private DriverLock? _validated;

        internal Scope(LockScope held, DriverLock? validated)
        {
            _held = held;
            _validated = validated;
        }

        /// <summary>Releases the hold. Harmless when called again on the same variable.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (MisuseValidation.IsEnabled)
                Pop();
            _held.Dispose();
        }

        private void Pop()
        {
            if (_validated is null)
                return;
            HeldStack.Current.Pop(_validated.Node!);
            _validated = null;
        }
    }
}
