using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// Tells a start that reads the tree without the lock whether an edit came in between. Odd while an edit is under way; each edit increments
/// it twice. Written under the engine lock.
/// </summary>
internal struct TreeVersion
{
    private AtomicInt64 _value;

    /// <summary>Before a start reads the tree. False if an edit is under way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryRead(out long version)
    {
        version = _value.Read();
        return !IsOdd(version);
    }

    /// <summary>Whether there was no edit since the version was read; the caller has made a full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsStill(long version) => _value.ReadRelaxed() == version;

    /// <summary>
    /// Makes starts begin again that are gathering, or have gathered and not yet published. The edit itself finds the invalidations that
    /// are already published.
    /// </summary>
    public long BeginEdit()
    {
        long version = BeginEditWithoutFence();
        Fence.Full();
        return version;
    }

    /// <summary>As <see cref="BeginEdit"/>; the caller makes the full fence.</summary>
    public long BeginEditWithoutFence()
    {
        long version = _value.ReadRelaxed() + 1;
        _value.WriteRelaxed(version);
        return version;
    }

    /// <param name="version">What the beginning returned.</param>
    public void EndEdit(long version) => _value.Write(version + 1);

    private static bool IsOdd(long version) => (version & 1) != 0;
}
