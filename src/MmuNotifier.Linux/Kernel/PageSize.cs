namespace MmuNotifier.Linux;

/// <summary>The size of a page; the code numbers of this library are those of x86-64, which has only this one.</summary>
internal static class PageSize
{
    internal const ulong Bytes = 4096;
}
