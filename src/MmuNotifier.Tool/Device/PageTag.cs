namespace MmuNotifier.Tool.Device;

/// <summary>What a device may do with a page in its table (DPT_XA_TAG_*).</summary>
internal enum PageTag
{
    Read = 0,
    Atomic = 1,
    Write = 3,
}
