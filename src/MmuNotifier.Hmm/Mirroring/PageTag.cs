namespace MmuNotifier.Hmm;

/// <summary>What a mirror device may do with a page in its table (<c>DPT_XA_TAG_*</c>).</summary>
internal enum PageTag
{
    Read = 0,
    Atomic = 1,
    Write = 3,
}
