namespace MmuNotifier.Linux;

/// <summary>What a scan does beside looking.</summary>
[Flags]
internal enum PageScanFlags : ulong
{
    None = 0,

    /// <summary>Protects every page that it reports again.</summary>
    ProtectMatching = 1 << 0,

    /// <summary>Fails on a mapping that cannot be protected; without this it is passed over in silence.</summary>
    RequireProtectable = 1 << 1,
}
