using System.Diagnostics.Metrics;

namespace MmuNotifier.Registration;

/// <summary>
/// How a <see cref="RegistrationCache{TRegistration}"/> behaves. The cache validates and copies the options when it is made: a later change
/// of the object has no effect on it.
/// </summary>
public sealed record RegistrationCacheOptions
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>The name of the cache in metrics, logs and messages. Not empty. Default: "default".</summary>
    public string Name { get; set; } = "default";

    /// <summary>Makes the cache's meter; null: the cache makes one of its own. Default: null; as a service, that of the services.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// How many registrations are kept. At the limit, those that were not used lately are evicted; if all are in use, a further
    /// registration is not kept and is released with its lease. At least 1. Default: 1,048,576.
    /// </summary>
    public int MaxCount { get; set; } = 1 << 20;

    /// <summary>
    /// How many bytes the kept registrations cover together; the limit works as <see cref="MaxCount"/> does. At least 1. Default: no limit.
    /// </summary>
    public long MaxBytes { get; set; } = long.MaxValue;

    /// <summary>
    /// Whether each hit checks that no page has changed without an event: copy-on-write after fork, guard pages, shmdt. A hit then costs a
    /// system call, and memory that was written since it was registered counts as changed. Default: false.
    /// </summary>
    public bool VerifyOnHit { get; set; }

    /// <summary>
    /// How often the cache checks all kept registrations for pages that have changed without an event, as <see cref="VerifyOnHit"/> does at
    /// each hit; null for never. Memory that was written since it was registered counts as changed. 1 ms to 1 day. Default: null.
    /// </summary>
    public TimeSpan? ScanInterval { get; set; }

    /// <summary>
    /// How long <see cref="RegistrationCache{TRegistration}.Dispose"/> and <see cref="RegistrationCache{TRegistration}.DisposeAsync"/> wait
    /// for leases in use. A registration that is still in use then is released when its lease ends. 0 to 1 day. Default: 5 seconds.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For a provider that refuses a registration which shares a page with another one, as cudaHostRegister does. Threads that miss such
    /// ranges then register one after the other, a kept registration gives way to one that overlaps it, and nothing is split. Default:
    /// false.
    /// </summary>
    public bool ExclusiveRanges { get; set; }

    /// <summary>
    /// With <see cref="ExclusiveRanges"/>: how long a call waits for an overlapping registration that is in use; then it throws a
    /// <see cref="RegistrationOverlapException"/>. 0 to 1 day. Default: 5 seconds.
    /// </summary>
    public TimeSpan OverlapTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often one call registers memory that keeps changing while it is registered. The registration of the last attempt is not kept: it
    /// is released with its lease. 1 to 1000. Default: 4.
    /// </summary>
    public int MaxRegisterAttempts { get; set; } = 4;

    /// <summary>Throws if a value is out of its bounds. The cache calls it.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number or a time is out of its bounds; the message says which they are.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name);
        Require(MaxCount >= 1, nameof(MaxCount), MaxCount, "A cache keeps at least 1 registration.");
        Require(MaxBytes >= 1, nameof(MaxBytes), MaxBytes, "A cache keeps at least 1 byte registered.");
        Require(
            ScanInterval is not { } interval || (interval >= TimeSpan.FromMilliseconds(1) && interval <= s_longest),
            nameof(ScanInterval),
            ScanInterval,
            "Scans are 1 ms to 1 day apart; null is for none.");
        Require(
            DrainTimeout >= TimeSpan.Zero && DrainTimeout <= s_longest,
            nameof(DrainTimeout),
            DrainTimeout,
            "The wait for leases takes 0 to 1 day.");
        Require(
            OverlapTimeout >= TimeSpan.Zero && OverlapTimeout <= s_longest,
            nameof(OverlapTimeout),
            OverlapTimeout,
            "The wait for a registration that overlaps takes 0 to 1 day.");
        Require(MaxRegisterAttempts is >= 1 and <= 1000, nameof(MaxRegisterAttempts), MaxRegisterAttempts, "There are 1 to 1000 attempts.");
    }

    private static void Require(bool isRight, string name, object? value, string message)
    {
        if (!isRight)
            throw new ArgumentOutOfRangeException(name, value, message);
    }
}
