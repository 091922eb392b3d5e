using System.Text;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Cores;

public class CoreNotesTests
{
    [Theory]
    [InlineData("/tmp/plain", "/tmp/plain")]
    [InlineData("/tmp/two\\012lines", "/tmp/two\nlines")]
    [InlineData("/tmp/back\\134slash", "/tmp/back\\slash")]
    [InlineData("/tmp/end\\01", "/tmp/end\\01")]
    public void Escapes_of_the_maps_are_undone(string text, string name) => Assert.Equal(name, CoreNotes.Unescape(text));

    [Fact]
    public void The_command_may_contain_anything()
    {
        ProcessFacts facts = ProcessFacts.ParseStat(
            7, Encoding.ASCII.GetBytes("7 (a) b) c) S 5 6 8 0 -1 0 0 0 0 0 1 2 3 4 20 -5 1 0 99"));
        Assert.Equal("a) b) c", facts.Name);
        Assert.Equal((5, 6, 8, 'S'), (facts.ParentId, facts.GroupId, facts.SessionId, facts.State));
        Assert.Equal(-5, facts.Nice);
    }

    [Fact]
    public void Every_thread_has_its_four_and_the_process_its_three()
    {
        ProcessMapping file = new(
            0x1000, 0x2fff, MappingProtection.Read, false, MappingKind.File, 0x3000, 1, 2, "/lib/two\\012lines");
        byte[] notes = CoreNotes.Build(
            new ProcessFacts { ProcessId = 12, AuxiliaryVector = new byte[16] }, [Thread(12), Thread(13)], [file]);

        ElfFile elf = Wrap(notes);
        Assert.Equal(
            [3, 1, 2, 0x202, 0x53494749, 1, 2, 0x202, 0x53494749, 6, 0x46494c45], elf.Notes.Select(note => note.Type));
        Assert.Equal(["LINUX"], elf.Notes.Where(note => note.Type == 0x202).Select(note => note.Name).Distinct());
        Assert.Equal([12, 13], elf.Notes.Where(note => note.Type == 1).Select(note => BitConverter.ToInt32(note.Content, 32)));
        Assert.Equal((336, 136), (elf.Notes[1].Content.Length, elf.Notes[0].Content.Length));
        byte[] files = elf.Notes[^1].Content;
        Assert.Equal(
            new long[] { 1, 4096, 0x1000, 0x3000, 3 }, Enumerable.Range(0, 5).Select(i => BitConverter.ToInt64(files, i * 8)));
        Assert.Equal("/lib/two\nlines\0", Encoding.UTF8.GetString(files.AsSpan(40)));
    }

    private static ThreadRegisters Thread(int threadId) =>
        new(threadId, new byte[216], new byte[512], new byte[832], new byte[128], 0, 0);

    private static ElfFile Wrap(byte[] notes)
    {
        byte[] headers = ElfHeaders.ProgramHeaders(64 + 56, notes.Length, []);
        return new ElfFile([.. ElfHeaders.Header(1, 64), .. headers, .. notes]);
    }
}
