namespace MmuNotifier.Linux;

/// <summary>What UFFDIO_API answered: the features now in force, those this kernel lacks, and whether fork events were refused.</summary>
internal readonly record struct HandshakeResult(
    Errno Error, UserfaultfdFeatures Granted, UserfaultfdFeatures Unsupported, bool ForkDenied)
{
    internal bool Succeeded => Error == Errno.None;
}
