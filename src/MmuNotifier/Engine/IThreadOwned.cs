namespace MmuNotifier;

/// <summary>What is kept for a thread, by its <see cref="ThreadIndex"/>.</summary>
internal interface IThreadOwned
{
    /// <summary>The thread has ended, and its number is not given out yet. On the finalizer's thread; must not throw.</summary>
    void GiveUp();
}
