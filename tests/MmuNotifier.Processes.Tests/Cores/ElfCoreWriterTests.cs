using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Cores;

public sealed class ElfCoreWriterTests : IDisposable
{
    private const MappingProtection ReadWrite = MappingProtection.Read | MappingProtection.Write;
    private const int NoSpace = 28;

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-core").FullName;

    private string Core => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_headers_lie_at_the_end_and_what_is_not_written_is_a_hole()
    {
        using (var file = CoreFile.Create(Core))
        {
            file.Write("content"u8, 4096 + (1 << 20));
            var writer = new ElfCoreWriter(file);
            writer.Finish(4096 + (8 << 20), Segments(8 << 20), CoreNotes.Build(new ProcessFacts { ProcessId = 1 }, [], []));
            file.Publish();
        }

        var elf = ElfFile.Open(Core);
        Assert.Equal("content"u8.ToArray(), elf.Read(0x10000 + (1 << 20), 7));
        Assert.Equal(new byte[16], elf.Read(0x10000, 16));
        Assert.Null(elf.Read(0x7000_0000, 1));
        Assert.Equal([6, 4], elf.Segments.Select(segment => segment.Flags));
        AssertOffsetsAreAligned(elf);
        Assert.True(long.Parse(Stat("%b", Core), CultureInfo.InvariantCulture) < 200, "the file has no holes");
    }

    [Fact]
    public void Its_owner_alone_can_read_it()
    {
        using var file = CoreFile.Create(Core);
        file.Publish();
        Assert.Equal("600", Stat("%a", Core));
    }

    [Fact]
    public void More_segments_than_the_header_can_count_are_counted_in_a_section()
    {
        CoreSegment[] segments = [.. Enumerable.Range(0, 70_000).Select(i =>
            new CoreSegment(new CorePlace((ulong)i * 0x2000, ((ulong)i * 0x2000) + 0xfff, 4096), ReadWrite, HasContent: true))];
        using (var file = CoreFile.Create(Core))
        {
            new ElfCoreWriter(file).Finish(8192, segments, []);
            file.Publish();
        }

        Assert.Equal(70_000, ElfFile.Open(Core).Segments.Count);
    }

    [Fact]
    public void A_pipe_gets_headers_first_and_zeros_for_holes()
    {
        string stream = Path.Combine(_folder, "stream");
        using (var file = CoreFile.CreateUnnamed(_folder))
        using (SafeFileHandle pipe = File.OpenHandle(stream, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write("content"u8, 4096 + (1 << 20));
            var writer = new ElfCoreWriter(file);
            writer.Finish(4096 + (2 << 20), Segments(2 << 20), CoreNotes.Build(new ProcessFacts { ProcessId = 1 }, [], []));
            writer.SendTo(pipe);
        }

        byte[] bytes = File.ReadAllBytes(stream);
        var elf = new ElfFile(bytes);
        Assert.Equal(64, BitConverter.ToInt64(bytes, 32));
        Assert.Equal("content"u8.ToArray(), elf.Read(0x10000 + (1 << 20), 7));
        Assert.Equal(bytes.Length, elf.Segments[0].Offset + elf.Segments[0].FileBytes);
        Assert.Equal(3, elf.Notes.Count);
        AssertOffsetsAreAligned(elf);
    }

    [Theory]
    [InlineData("pwrite")]
    [InlineData("ftruncate")]
    public void When_the_disk_is_full_there_is_one_line_and_no_file(string failing)
    {
        File.WriteAllText(Core, "a core of before");
        CoreException failure = Assert.Throws<CoreException>(() =>
        {
            using var file = CoreFile.Create(Core);
            using ThreadFaults noSpace = LeaveNoSpaceFor(failing);
            new ElfCoreWriter(file).Finish(4096, [], [1]);
            file.Publish();
        });
        Assert.Equal($"{Core} cannot be written: no space is left on the device.", failure.Message);
        Assert.Equal("a core of before", File.ReadAllText(Core));
        Assert.Equal([Core], Directory.GetFiles(_folder));
    }

    [Fact]
    public void When_it_cannot_get_its_name_it_is_taken_away()
    {
        Assert.Throws<CoreException>(() =>
        {
            using var file = CoreFile.Create(Core);
            using ThreadFaults noSpace = LeaveNoSpaceFor("rename");
            file.Publish();
        });
        Assert.Empty(Directory.GetFiles(_folder));
    }

    /// <remarks>As root, the new file could take the place of /dev/null.</remarks>
    [Fact]
    public void What_is_no_ordinary_file_is_not_replaced()
    {
        using (var mkfifo = Process.Start("mkfifo", Core))
            mkfifo.WaitForExit();
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, Core);
        (string, string)[] refused = [(Core, "a device or a pipe"), (link, "a device or a pipe"), (_folder, "a folder")];
        foreach ((string path, string why) in refused)
            Assert.Contains($"it is {why}", Assert.Throws<CoreException>(() => CoreFile.Create(path)).Message, StringComparison.Ordinal);
        Assert.Equal([Core, link], Directory.GetFiles(_folder).Order());
    }

    [Fact]
    public void What_a_link_leads_to_is_replaced_and_the_link_stays()
    {
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, Core);
        using (CoreFile file = CoreFile.Create(link))
        {
            file.Write("core"u8, 0);
            file.Publish();
        }

        Assert.Equal((Core, "core"), (new FileInfo(link).LinkTarget, File.ReadAllText(Core)));
    }

    [Fact]
    public void Without_the_folder_there_is_one_line() =>
        Assert.Contains("there is no such folder", Assert.Throws<CoreException>(() =>
            CoreFile.Create(Path.Combine(_folder, "none", "core"))).Message, StringComparison.Ordinal);

    /// <summary>ELF wants offset and address to be the same modulo the alignment. At offset 0 is the header of the core itself.</summary>
    private static void AssertOffsetsAreAligned(ElfFile elf) => Assert.All(
        elf.Segments,
        segment =>
        {
            Assert.Equal(segment.Address % PageSize.Bytes, (ulong)segment.Offset % PageSize.Bytes);
            Assert.NotEqual(0, segment.Offset);
        });

    private static ThreadFaults LeaveNoSpaceFor(string failing) => new(call => call == failing ? NoSpace : 0);

    private static CoreSegment[] Segments(ulong length) =>
    [
        new(new CorePlace(0x10000, 0x10000 + length - 1, 4096), ReadWrite, HasContent: true),
        new(new CorePlace(0x7000_0000, 0x7000_ffff, 0), MappingProtection.Read, HasContent: false),
    ];

    private static string Stat(string format, string path)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", format, path]) { RedirectStandardOutput = true })!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }
}
