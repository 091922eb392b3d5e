namespace MmuNotifier.Tool.Device;

/// <summary>The requests of the mirror device (HMM_DMIRROR_*).</summary>
internal enum MirrorRequestKind
{
    Read = 0,
    Write = 1,
    MigrateToDevice = 2,
    MigrateToSystem = 3,
    Snapshot = 4,
    Exclusive = 5,
    CheckExclusive = 6,
    Release = 7,
    Flags = 8,
}
