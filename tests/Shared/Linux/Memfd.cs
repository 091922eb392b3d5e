namespace MmuNotifier.Tests.Shared;

/// <summary>A memfd of this process.</summary>
internal sealed class Memfd : IDisposable
{
    internal Memfd(int pages)
    {
        Descriptor = NativeMemory.CreateMemfd("test", 1);
        Assert.Equal(0, NativeMemory.Truncate(Descriptor, pages * 4096L));
    }

    internal int Descriptor { get; }

    public void Dispose() => _ = NativeMemory.Close(Descriptor);
}
