using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MmuNotifier.Registration;

/// <summary>
/// Keeps registrations of memory in step with it: <see cref="Get"/> returns one that describes the memory as it is, from the cache if
/// possible, otherwise from the provider. All members may be called from any thread, also inside callbacks of the watch's address space and
/// inside the provider.
/// </summary>
/// <typeparam name="TRegistration">What a registration is to its users: a key, an index, a handle.</typeparam>
/// <remarks>
/// <para>
/// Every entry has an interval notifier over its range on the watch's space. An invalidation retires the entries that it meets: they are
/// marked, taken out of the table, and released by the provider when the last lease has ended. A hit needs a stamp of the watch that says
/// that every change has been reported, then a valid entry.
/// </para>
/// <code>
/// Unpublished ──read section held, watch caught up──▶ Valid ──invalidated, removed, evicted──▶ Retired ──nobody holds it──▶ Released
/// </code>
/// <para>
/// One lock, the driver lock in the engine's words. No user code, no call that waits, and no call into the watch that reports runs under
/// it. A thread that takes it may hold any other lock; under it only the engine's lock and the watch's own are taken.
/// docs/registration-cache.md describes the whole.
/// </para>
/// </remarks>
public sealed partial class RegistrationCache<TRegistration> : IDisposable, IAsyncDisposable
{
    private readonly IMemoryWatch _watch;
    private readonly IRegistrationProvider<TRegistration> _provider;
    private readonly ISplittingRegistrationProvider<TRegistration>? _splitter;
    private readonly RegistrationCacheOptions _options;
    private readonly ILogger _logger;
    private readonly bool _verifiesOnHit;

    /// <summary>
    /// Guards what changes together when an entry is kept, retired or looked at: <see cref="_table"/>, <see cref="_looks"/>,
    /// <see cref="_clock"/>, <see cref="_releases"/>, and the states and lists of all entries. They assert it.
    /// </summary>
    private readonly DriverLock _lock = new("registration cache");

    private readonly HoldLooks _looks;
    private readonly EntryClock<TRegistration> _clock;
    private readonly ReleaseQueue<TRegistration> _releases;

    // These have locks of their own, or need none.
    private readonly HoldRegistry _holds = new();
    private readonly EntrySupply<TRegistration> _supply = new();
    private readonly ReleaseCount _released = new();
    private readonly ReleaseWorker _worker;
    private readonly UnwatchableRanges _unwatchable = new();

    /// <summary>Null: registrations may overlap.</summary>
    private readonly ClaimedRanges? _claims;

    /// <summary>Read by hits; replaced under the lock.</summary>
    private AtomicReference<EntryTable> _table;

    /// <summary>
    /// What the watch's stamp was when everything up to it had been reported. Written after the reports (release), read by hits (acquire).
    /// </summary>
    private AtomicInt64 _handledStamp;

    /// <summary>Written under the lock, also read without it.</summary>
    private bool _isDisposed;

    /// <summary>Set once, by an exchange.</summary>
    private bool _isFailureReported;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="watch">Reports the changes of the memory. The cache does not dispose it; dispose it after the cache.</param>
    /// <param name="provider">
    /// Makes and releases registrations. If it is an <see cref="ISplittingRegistrationProvider{TRegistration}"/>, the rest of a
    /// registration is kept when a hole is made.
    /// </param>
    /// <param name="options">How it behaves; null for the defaults.</param>
    /// <param name="logger">
    /// Gets what <see cref="ProblemOccurred"/> reports, under no lock; null for no log. Hits and successful misses log nothing.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public RegistrationCache(
        IMemoryWatch watch,
        IRegistrationProvider<TRegistration> provider,
        RegistrationCacheOptions? options = null,
        ILogger? logger = null)
        : this(watch, provider, options, logger, isPassive: false)
    {
    }

    /// <remarks>Passive: without a thread of its own, and not published by the meter. The explorer decides which thread runs.</remarks>
    internal RegistrationCache(
        IMemoryWatch watch,
        IRegistrationProvider<TRegistration> provider,
        RegistrationCacheOptions? options,
        ILogger? logger,
        bool isPassive)
    {
        ArgumentNullException.ThrowIfNull(watch);
        ArgumentNullException.ThrowIfNull(provider);
        _options = options is null ? new RegistrationCacheOptions() : options with { };
        _options.Validate();
        _logger = logger ?? NullLogger.Instance;
        _watch = watch;
        _provider = provider;
        _claims = _options.ExclusiveRanges ? new ClaimedRanges() : null;
        _splitter = _claims is null ? provider as ISplittingRegistrationProvider<TRegistration> : null; // A rest would overlap the whole.
        _verifiesOnHit = _options.VerifyOnHit;
        _looks = new HoldLooks(_lock, _holds);
        _clock = new EntryClock<TRegistration>(_lock, _options.MaxCount, _options.MaxBytes);
        _releases = new ReleaseQueue<TRegistration>(_lock, _looks);
        _worker = new ReleaseWorker(Work, Scan, HasWork, _options.ScanInterval, isPassive);
        _table.Write(new EntryTable(_lock));
        _handledStamp.Write((long)watch.Stamp); // There is nothing yet that a report could concern.
        Metrics = new RegistrationCacheMetrics(_options.Name, () => _holds.Hits);
        if (!isPassive)
            Metrics.Publish(_options.MeterFactory);
    }

    /// <summary>
    /// Raised when something goes wrong that no caller gets an exception for. Raised on the thread that found the problem, under no lock
    /// of the cache or the engine. An exception of a handler itself is ignored. The other handlers are called all the same.
    /// </summary>
    public event EventHandler<RegistrationProblemEventArgs>? ProblemOccurred;

    /// <summary>What the cache has counted.</summary>
    public RegistrationCacheMetrics Metrics { get; }

    /// <summary>How many registrations are kept now.</summary>
    public int Count
    {
        get
        {
            using (_lock.Hold())
                return _clock.Count;
        }
    }

    /// <summary>
    /// How many bytes all registrations cover that are not released yet: those kept, those still in use, and those not cached.
    /// </summary>
    public long RegisteredBytes => Metrics.RegisteredBytes;

    /// <summary>Under no lock. An exception of a handler or of the logger has no caller that could get it.</summary>
    private void Report(RegistrationProblem problem, string message, Exception? exception = null)
    {
        Metrics.NoteProblem(problem, message);
        try
        {
            CacheLog.Problem(_logger, _options.Name, problem, message, exception);
        }
        catch (Exception)
        {
        }

        var arguments = new RegistrationProblemEventArgs(problem, message, exception);
        foreach (EventHandler<RegistrationProblemEventArgs> handler in Delegate.EnumerateInvocationList(ProblemOccurred))
        {
            try
            {
                handler(this, arguments);
            }
            catch (Exception)
            {
            }
        }
    }
}
