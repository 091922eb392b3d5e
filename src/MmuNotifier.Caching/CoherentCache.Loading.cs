using System.Diagnostics;

namespace MmuNotifier.Caching;

/// <content>
/// Loads. Every attempt is made a member of its key and tags, then begins their read sections, then calls the loader, then commits:
/// <code>
/// attempt                                   invalidation
/// found by its key and tags  (1)            active                 (3)
/// sections: nothing active   (2)            callbacks: dead        (4)
/// loader                                    returns
/// commit, if not dead        (5)
/// </code>
/// If (2) comes before (3), the engine calls the notifiers at (4), which find the attempt, because (1) came before. Then it is dead at (5),
/// or (5) came first and what it committed is dead. If (3) comes first, (2) finds the invalidation, unless it has ended: then the loader
/// begins after the end.
/// </content>
public sealed partial class CoherentCache
{
    /// <summary>Between two loads in the background of which the first brought nothing.</summary>
    private static readonly TimeSpan s_refreshPause = TimeSpan.FromSeconds(1);

    private async ValueTask<T> LoadAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> loader,
        LoadTerms terms,
        string[] tags,
        CancellationToken cancellationToken)
    {
        Load? outer = LoadFlow.Current;
        KeyNode node = Take(key);
        Load<T> load;
        Task<T> result;
        bool begins;
        using (node.Lock.Hold())
        {
            if (!terms.SkipLookup && node.Entry is CacheEntry<T> entry && IsServable(entry))
            {
                DropUse(node);
                return entry.Value;
            }

            begins = node.Load is not Load<T>;
            load = node.Load as Load<T> ?? new Load<TState, T>(node, terms, tags, state, loader);
            if (!LoadFlow.TryWait(outer, load))
            {
                DropUse(node);
                throw new InvalidOperationException($"The loader of '{outer!.Node.Key}' waits for a load of '{key}' that waits for it.");
            }

            if (begins)
            {
                load.Callers = 1;
                result = load.Task;
                Begin(load); // It has the use that was taken here.
            }
            else
            {
                result = load.Join();
                DropUse(node);
            }
        }

        try
        {
            if (begins)
                Start(load, cancellationToken.CanBeCanceled);
            return cancellationToken.CanBeCanceled
                ? await WaitAsync(load, result, cancellationToken).ConfigureAwait(false)
                : await result.ConfigureAwait(false);
        }
        finally
        {
            LoadFlow.EndWait(outer, load);
        }
    }

    /// <summary>A load like any other, with the cache itself as its caller, which does not give up.</summary>
    private void Refresh<TState, T>(
        CacheEntry<T> entry,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> loader,
        LoadTerms terms,
        string[] tags)
    {
        KeyNode node = Take(entry.Node.Key);
        Load<TState, T>? load = null;
        using (node.Lock.Hold())
        {
            if (node.Load is null && entry.State == EntryState.Valid && ReferenceEquals(node.Entry, entry))
            {
                load = new Load<TState, T>(node, terms with { SkipLookup = true }, tags, state, loader) { Callers = 1 };
                Begin(load);
            }
            else
            {
                entry.RefreshAt = _clock.After(s_refreshPause);
                DropUse(node);
            }
        }

        if (load is not null)
            _ = RefreshAsync(load, entry);
    }

    private async Task RefreshAsync<T>(Load<T> load, CacheEntry<T> refreshed)
    {
        Start(load, onPool: true);
        await ((Task)load.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        refreshed.RefreshAt = _clock.After(s_refreshPause); // If it is still there, lookups try again.
        if (load.Task.Exception is { } exception)
            CacheLog.RefreshFailed(_logger, _options.Name, load.Node.Key, exception.InnerException!);
    }

    private void Start<T>(Load<T> load, bool onPool) =>
        _ = onPool ? Task.Run(() => RunAsync(load)) : RunAsync(load);

    /// <summary>Never fails: what goes wrong is the load's result.</summary>
    private async Task RunAsync<T>(Load<T> load)
    {
        LoadFlow.Enter(load);
        bool isLoading = true;
        try
        {
            while (true)
            {
                isLoading = true;
                T value = await load.InvokeAsync().ConfigureAwait(false);
                isLoading = false;
                CommitResult result = Commit(load, value);
                _metrics.NoteLoad(result);
                if (result == CommitResult.Kept)
                    load.NoteKept(value);
                if (result == CommitResult.Collided && !_isDisposed)
                {
                    if (load.AttemptCount < _options.MaxLoadAttempts)
                    {
                        if (TryBeginAgain(load, out CacheEntry<T>? newer, out Load<T>? other, out Task<T>? otherResult))
                            continue;
                        if (newer is not null)
                            value = newer.Value;
                        else if (other is not null)
                            value = await FollowAsync(load, other, otherResult!).ConfigureAwait(false);
                    }
                    else
                    {
                        CacheLog.NotKept(_logger, _options.Name, load.Node.Key, load.AttemptCount);
                    }
                }

                DropUseUnlocked(load.Node);
                load.SetResult(value);
                return;
            }
        }
        catch (Exception exception)
        {
            if (isLoading)
                Abandon(load);
            DropUseUnlocked(load.Node);
            load.SetFailure(exception);
        }
    }

    /// <summary>Makes a new attempt of the load, as the one that callers join.</summary>
    private void Begin<T>(Load<T> load)
    {
        KeyNode node = load.Node;
        node.Lock.AssertHeld();
        if (node.Load is { } loadOfOtherType)
            loadOfOtherType.Attempt.State = EntryState.Dead;
        load.AttemptCount++;
        load.Attempt = Join(new CacheEntry<T>(node), load.Tags);
        node.Load = load;
    }

    /// <summary>Makes an entry a member of its key and tags, and then looks whether an invalidation of one of them is active.</summary>
    private CacheEntry<T> Join<T>(CacheEntry<T> entry, string[] tags)
    {
        entry.Node.Lock.AssertHeld();
        entry.Node.Uses++;
        entry.FirstLink = _tags.Link(entry, tags);
        entry.BeganInScope = entry.Node.ReadBeginNoWait().Status != ReadStatus.Open;
        for (TagLink? link = entry.FirstLink; link is not null; link = link.NextOfEntry)
            entry.BeganInScope |= link.Tag.ReadBeginNoWait().Status != ReadStatus.Open;
        entry.BeganInScope |= _openPrefixes.Cover(entry.Node.Key);
        return entry;
    }

    private CommitResult Commit<T>(Load<T> load, T value)
    {
        KeyNode node = load.Node;
        using (node.Lock.Hold())
        {
            var entry = (CacheEntry<T>)load.Attempt;
            if (entry.State == EntryState.Dead)
            {
                Drop(entry);
                return entry.BeganInScope ? CommitResult.NotKept : CommitResult.Collided;
            }

            Debug.Assert(ReferenceEquals(node.Load, load), "Who takes the load away makes its attempt dead.");
            node.Load = null;
            if (!TryKeep(entry, value, load.TermsToKeep()))
                return CommitResult.NotKept;
        }

        EvictExcess();
        return CommitResult.Kept;
    }

    /// <summary>Ends the attempt of a load that failed or was cancelled.</summary>
    private void Abandon(Load load)
    {
        KeyNode node = load.Node;
        using (node.Lock.Hold())
        {
            if (ReferenceEquals(node.Load, load))
                node.Load = null;
            load.Attempt.State = EntryState.Dead;
            Drop(load.Attempt);
        }
    }

    /// <summary>After a collision, for the callers that came before it.</summary>
    /// <param name="load">What collided.</param>
    /// <param name="newer">What was kept since, if anything.</param>
    /// <param name="other">The load that a later caller began, if any. This load is one of its callers then.</param>
    /// <param name="otherResult">The result of the other load, if there is one.</param>
    /// <returns>
    /// Whether a new attempt began. If not, and nothing newer is there, the other load waits for this one: the value of the old attempt is
    /// good for the callers of this load, who all came before the collision.
    /// </returns>
    /// <exception cref="OperationCanceledException">The last caller has given up meanwhile: nobody must join the load.</exception>
    private bool TryBeginAgain<T>(Load<T> load, out CacheEntry<T>? newer, out Load<T>? other, out Task<T>? otherResult)
    {
        KeyNode node = load.Node;
        newer = null;
        other = null;
        otherResult = null;
        using (node.Lock.Hold())
        {
            if (load.Callers == 0)
                throw new OperationCanceledException(load.Token);
            if (!load.Terms.SkipLookup && node.Entry is CacheEntry<T> entry && IsServable(entry))
            {
                newer = entry;
                return false;
            }

            if (node.Load is Load<T> running)
            {
                if (LoadFlow.TryWait(load, running))
                {
                    otherResult = running.Join();
                    other = running;
                }

                return false;
            }

            Begin(load);
            return true;
        }
    }

    private static async Task<T> FollowAsync<T>(Load<T> load, Load<T> other, Task<T> otherResult)
    {
        try
        {
            return await WaitAsync(other, otherResult, load.Token).ConfigureAwait(false);
        }
        finally
        {
            LoadFlow.EndWait(load, other);
        }
    }

    private static async ValueTask<T> WaitAsync<T>(Load<T> load, Task<T> result, CancellationToken cancellationToken)
    {
        try
        {
            return await result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Leave(load);
            throw;
        }
    }

    /// <summary>A caller gives up. The last one cancels the load, and nobody joins it any more.</summary>
    private static void Leave(Load load)
    {
        KeyNode node = load.Node;
        using (node.Lock.Hold())
        {
            load.Callers--;
            if (load.Callers > 0)
                return;
            if (ReferenceEquals(node.Load, load))
            {
                load.Attempt.State = EntryState.Dead;
                node.Load = null;
            }
        }

        load.Cancel();
    }
}
