using System.Buffers.Binary;
using MmuNotifier.Simulation;

namespace MmuNotifier.Hmm.Drivers.Tests;

/// <summary>A simulated address space with a mapping of a few pages.</summary>
public abstract class DriverTest : IDisposable
{
    protected const int Pages = 10;

    protected DriverTest()
    {
        Assert.Equal(
            Errno.None,
            Memory.Map(0, Pages * MirroredMemory.PageBytes, Protection.Read | Protection.Write, MapFlags.Private, out ulong start));
        Range = AddressRange.FromLength(start, Pages * MirroredMemory.PageBytes);
    }

    private protected SimulatedMemory Memory { get; } = new();

    private protected AddressRange Range { get; }

    public void Dispose()
    {
        Memory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected ulong Page(int number) => Range.Start + ((ulong)number * MirroredMemory.PageBytes);

    private protected AddressRange PageRange(int first, int last) => new(Page(first), Page(last + 1) - 1);

    private protected void Unmap(int first, int count) =>
        Assert.Equal(Errno.None, Memory.Unmap(Page(first), (ulong)count * MirroredMemory.PageBytes));

    private protected void Store(int page, ulong value)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        Assert.Equal(Errno.None, Memory.Store(Page(page), word));
    }

    private protected ulong Load(int page)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        Assert.Equal(Errno.None, Memory.Load(Page(page), word));
        return BinaryPrimitives.ReadUInt64LittleEndian(word);
    }

    private protected Errno Read(IReferenceDriver driver, int page, out ulong value)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        Errno error = driver.Read(Page(page), word);
        value = BinaryPrimitives.ReadUInt64LittleEndian(word);
        return error;
    }

    private protected Errno Write(IReferenceDriver driver, int page, ulong value)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        return driver.Write(Page(page), word);
    }
}
