namespace MmuNotifier.Registration;

/// <summary>How a <see cref="RegistrationCache{TRegistration}"/> behaves. Validated and copied when the cache is made.</summary>
public sealed record RegistrationCacheOptions
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>What metrics and messages call the cache.</summary>
    public string Name { get; set; } = "default";

    /// <summary>
    /// How many registrations are kept. At the limit those not used lately give way; if all are in use, what is registered on top is
    /// released with its lease. At least 1.
    /// </summary>
    public int MaxCount { get; set; } = 1 << 20;

    /// <summary>How many bytes the kept registrations cover together, in the same way. At least 1.</summary>
    public long MaxBytes { get; set; } = long.MaxValue;

    /// <summary>
    /// Whether each hit looks whether pages have changed without an event: copy-on-write after fork, guard pages, shmdt. A hit then costs a
    /// system call, and memory that was written since it was registered counts as changed.
    /// </summary>
    public bool Strict { get; set; }

    /// <summary>
    /// How often, without <see cref="Strict"/>, the kept registrations are looked over for pages that changed without an event; null for
    /// never. Memory that was written since it was registered counts as changed. 1 ms to 1 day.
    /// </summary>
    public TimeSpan? ScanInterval { get; set; }

    /// <summary>
    /// How long <see cref="RegistrationCache{TRegistration}.Dispose"/> waits for leases in use. Those that are still there are released
    /// when they end. 0 to 1 day.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For a provider that refuses a registration which shares a page with another one, as cudaHostRegister does. Threads that miss such
    /// ranges then register one after the other, a kept registration gives way to one that overlaps it, and nothing is split.
    /// </summary>
    public bool ExclusiveRanges { get; set; }

    /// <summary>
    /// With <see cref="ExclusiveRanges"/>: how long a call waits for an overlapping registration that is in use; then it throws a
    /// <see cref="RegistrationOverlapException"/>. 0 to 1 day.
    /// </summary>
    public TimeSpan OverlapTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a registration is made anew, in one call, because memory changed meanwhile; then it is not kept. 1 to 1000.
    /// </summary>
    public int MaxAttempts { get; set; } = 4;

    /// <summary>Throws if a value is out of its bounds.</summary>
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
        Require(MaxAttempts is >= 1 and <= 1000, nameof(MaxAttempts), MaxAttempts, "There are 1 to 1000 attempts.");
    }

    private static void Require(bool isRight, string name, object? value, string message)
    {
        if (!isRight)
            throw new ArgumentOutOfRangeException(name, value, message);
    }
}
