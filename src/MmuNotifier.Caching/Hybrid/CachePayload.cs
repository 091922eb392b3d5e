namespace MmuNotifier.Caching;

/// <summary>A value in the form in which it is kept, so that each caller gets a copy of its own.</summary>
/// <param name="bytes">Null: the value is null.</param>
/// <param name="isTooLarge">Whether the value is handed over and not kept.</param>
internal abstract class CachePayload(byte[]? bytes, bool isTooLarge)
{
    public byte[]? Bytes { get; } = bytes;

    public bool IsTooLarge { get; } = isTooLarge;
}
