using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MmuNotifier;

/// <summary>
/// What one address space hands to the engine's meter and event source. While nobody listens it costs an invalidation one look at an
/// instrument, and other calls one look where they retry or wait.
/// </summary>
/// <remarks>
/// Listeners are user code: they are called under no lock of the engine, and their exceptions are ignored, for an invalidation that has
/// started must reach whoever ends it. The explorer has a file of its own in place of this one.
/// </remarks>
internal sealed class SpaceMetrics
{
    private static readonly string[] s_waitKinds = ["read_section", "removal", "release"];

    private readonly EngineInstruments _instruments;
    private readonly Histogram<double> _callbackTime;

    private SpaceMetrics(EngineInstruments instruments, string? name)
    {
        _instruments = instruments;
        _callbackTime = instruments.CallbackTime;
        Name = name;
    }

    /// <summary>Null for a space without a name.</summary>
    public string? Name { get; }

    /// <summary>Whether somebody wants to know of invalidations. The event source listens to the instrument as well.</summary>
    public bool IsHeard => _callbackTime.Enabled;

    public static SpaceMetrics Make(string? name, IMeterFactory? factory) => new(EngineInstruments.Of(factory), name);

    public static KeyValuePair<string, object?>[] TagsOf(string? name) => name is null ? [] : [new("mmunotifier.space.name", name)];

    public void Add(AddressSpace space) => _instruments.Add(space);

    /// <summary>All callbacks have returned.</summary>
    public void NoteInvalidation(in Invalidation invalidation, long begun)
    {
        TimeSpan time = Stopwatch.GetElapsedTime(begun);
        try
        {
            var tags = new TagList { { InvalidationEventTag.Name, InvalidationEventTag.ValueOf(invalidation.Event) } };
            if (Name is not null)
                tags.Add("mmunotifier.space.name", Name);
            _callbackTime.Record(time.TotalSeconds, tags);
            if (EngineEventSource.Log.IsVerbose)
            {
                EngineEventSource.Log.Invalidated(
                    Name ?? "", invalidation.Event.ToString(), invalidation.Range.Start, invalidation.Range.Last, time.TotalMicroseconds);
            }
        }
        catch (Exception)
        {
            // A listener's.
        }
    }

    /// <returns>0 if nobody wants to know of waits.</returns>
    public long BeginWait() => _instruments.WaitTime.Enabled || EngineEventSource.Log.IsEnabled() ? Stopwatch.GetTimestamp() : 0;

    public void EndWait(long begun, WaitKind kind)
    {
        if (begun == 0)
            return;
        TimeSpan time = Stopwatch.GetElapsedTime(begun);
        try
        {
            var tags = new TagList { { "mmunotifier.wait.kind", s_waitKinds[(int)kind] } };
            if (Name is not null)
                tags.Add("mmunotifier.space.name", Name);
            _instruments.WaitTime.Record(time.TotalSeconds, tags);
            EngineEventSource.Log.Waited(Name ?? "", kind.ToString(), time.TotalMilliseconds);
        }
        catch (Exception)
        {
            // A listener's.
        }
    }

    /// <summary>The same task if nobody wants to know of waits.</summary>
    public Task<T> Time<T>(Task<T> wait, WaitKind kind) => BeginWait() is var begun && begun == 0 ? wait : TimeSlowly(wait, begun, kind);

    /// <summary>A check of a section of that notifier said: retry.</summary>
    public static void NoteRetry(IntervalNotifier notifier)
    {
        if (notifier.Space?.Metrics is { } metrics && metrics._instruments.Retries.Enabled)
            metrics.CountOne(metrics._instruments.Retries);
    }

    public void NoteFailure(Notifier notifier, Exception exception)
    {
        CountOne(_instruments.Failures);
        if (EngineEventSource.Log.IsEnabled())
            EngineEventSource.Log.CallbackFailed(Name ?? "", notifier.TypeName, exception.Message);
    }

    private void CountOne(Counter<long> counter)
    {
        try
        {
            var tags = new TagList();
            if (Name is not null)
                tags.Add("mmunotifier.space.name", Name);
            counter.Add(1, tags);
        }
        catch (Exception)
        {
            // A listener's.
        }
    }

    private async Task<T> TimeSlowly<T>(Task<T> wait, long begun, WaitKind kind)
    {
        try
        {
            return await wait.ConfigureAwait(false);
        }
        finally
        {
            EndWait(begun, kind);
        }
    }
}
