namespace MmuNotifier.FaultHandler;

/// <summary>struct iovec.</summary>
internal struct IoVector
{
    internal ulong Address;
    internal nuint LengthBytes;
}
