using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// Declares a lock of another kind than <see cref="DriverLock"/> to the engine (a reader-writer lock, a semaphore used as a lock, a lock of
/// a library), so that its order with the callbacks is validated too: see docs/misuse.md. It locks nothing itself.
/// </summary>
/// <remarks>
/// Shared and exclusive holds count alike: a reader that waits behind a writer waits too. Where validation is off, it does nothing.
/// </remarks>
/// <example>
/// <code>
/// using (_declared.Entering())      // before the lock is taken, so that misuse throws before it can hang
/// {
///     _readerWriterLock.EnterWriteLock();
///     try { _entries.Forget(overlap); }
///     finally { _readerWriterLock.ExitWriteLock(); }
/// }
/// </code>
/// </example>
public sealed class DeclaredLock
{
    private readonly DependencyNode? _node;

    /// <summary>Declares a lock.</summary>
    /// <param name="name">What messages call it. Need not be unique: two locks of one name are two locks.</param>
    public DeclaredLock(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        _node = MisuseValidation.IsEnabled ? new DependencyNode(isWaitedFor: true) : null;
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>The calling thread is about to take the lock, and holds it until the scope is disposed, on the same thread.</summary>
    /// <param name="file">For messages; filled in by the compiler.</param>
    /// <param name="line">For messages; filled in by the compiler.</param>
    /// <param name="member">For messages; filled in by the compiler.</param>
    /// <returns>The time that the lock is held; dispose it when the lock is released.</returns>
    /// <exception cref="MisuseException">
    /// Validation is on, and taking it here could wait for ever: a wait was seen under this lock, or two locks in the other order. Then do
    /// not take it.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Entering([CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "") =>
        MisuseValidation.IsEnabled ? Enter(file, line, member) : default;

    private Scope Enter(string file, int line, string member)
    {
        HeldStack stack = HeldStack.Current;
        stack.RequireMayTake(_node!, Name, file, line, member);
        stack.Push(new HeldEntry { Node = _node!, LockName = Name, File = file, Line = line, Member = member });
        return new Scope(_node!);
    }

    /// <summary>The time that a declared lock is held; a ref struct, so that it stays on the thread that took it.</summary>
    public ref struct Scope
    {
        private DependencyNode? _node;

        internal Scope(DependencyNode node)
        {
            _node = node;
        }

        /// <summary>The lock is released. Harmless when called again on the same variable.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (MisuseValidation.IsEnabled && _node is { } node)
            {
                _node = null;
                HeldStack.Current.Pop(node);
            }
        }
    }
}
