namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>What a device may do with a page in its table (<c>DPT_XA_TAG_*</c>).</summary>
internal enum MirrorPageTag : byte
{
    Read = 0,
    Atomic = 1,
    Write = 3,
}
