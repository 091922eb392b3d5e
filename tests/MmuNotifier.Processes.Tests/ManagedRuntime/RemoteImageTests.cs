using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.ManagedRuntime;

public class RemoteImageTests
{
    private const int ClassOffset = 4;

    [Theory]
    [InlineData("getpid")]
    [InlineData("malloc")]
    [InlineData("environ")]
    public void An_export_is_where_the_loader_says(string name)
    {
        nint library = NativeLibrary.Load("libc.so.6");
        RemoteImage image = RemoteImage.At(Environment.ProcessId, StartOf("libc.so.6"))!;

        Assert.True(image.TryFindExport(name, out ulong address, out ulong bytes));
        Assert.Equal((ulong)NativeLibrary.GetExport(library, name), address);
        Assert.NotEqual(0UL, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no such name")]
    [InlineData("getpi")]
    [InlineData("getpidx")]
    public void What_is_not_exported_is_not_found(string name) =>
        Assert.False(RemoteImage.At(Environment.ProcessId, StartOf("libc.so.6"))!.TryFindExport(name, out _, out _));

    [Fact]
    public unsafe void Any_damage_to_an_image_ends_in_an_answer()
    {
        // Only the first page of libc, with one byte of its headers changed: its tables are not there, or somewhere else.
        byte[] page = new ReadOnlySpan<byte>((void*)StartOf("libc.so.6"), 4096).ToArray();
        byte* copy = (byte*)System.Runtime.InteropServices.NativeMemory.AlignedAlloc(4096, 4096);
        try
        {
            for (int at = 0; at < 64 + (56 * 14); at++)
            {
                page.CopyTo(new Span<byte>(copy, 4096));
                copy[at] ^= 0xFF;
                RemoteImage? image = RemoteImage.At(Environment.ProcessId, (ulong)copy);
                Assert.False(image is not null && at <= ClassOffset);
                Assert.False(image is not null && image.TryFindExport("getpid", out ulong found, out _) && found < (ulong)copy);
            }
        }
        finally
        {
            System.Runtime.InteropServices.NativeMemory.AlignedFree(copy);
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(4096UL)]
    [InlineData(ulong.MaxValue - 100)]
    public void Nothing_is_found_where_nothing_is_mapped(ulong address) => Assert.Null(RemoteImage.At(Environment.ProcessId, address));

    [Fact]
    public void A_value_at_the_end_of_the_address_space_cannot_be_read() =>
        Assert.False(RemoteImage.TryRead(Environment.ProcessId, ulong.MaxValue - 3, out ulong _));

    private static ulong StartOf(string library)
    {
        var mappings = new List<ProcessMapping>();
        using ProcessMaps maps = ProcessMaps.Open(Environment.ProcessId, new MappingNameCache(), out _)!;
        Assert.Equal(Errno.None, maps.Read(mappings));
        return mappings.First(mapping => mapping.Name.EndsWith('/' + library, StringComparison.Ordinal) && mapping.Offset == 0).Start;
    }
}
