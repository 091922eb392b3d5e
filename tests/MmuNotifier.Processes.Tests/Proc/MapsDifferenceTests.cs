using System.Runtime.InteropServices;
using System.Text;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Proc;

public sealed class MapsDifferenceTests
{
    private const string Anonymous = "00000000 00:00 0 ";

    [Fact]
    public void Equal_snapshots_differ_in_nothing() =>
        Assert.Empty(Compare([$"1000-5000 rw-p {Anonymous}"], [$"1000-5000 rw-p {Anonymous}"]));

    [Fact]
    public void Split_without_change_is_no_difference()
    {
        Assert.Empty(Compare(
            [$"1000-5000 rw-p {Anonymous}"], [$"1000-2000 rw-p {Anonymous}", $"2000-5000 rw-p {Anonymous}"]));
        Assert.Empty(Compare(
            ["1000-5000 r--p 00003000 fe:01 7 /a"], ["1000-2000 r--p 00003000 fe:01 7 /a", "2000-5000 r--p 00004000 fe:01 7 /a"]));
    }

    [Fact]
    public void Hole_vanishes() => Assert.Equal(
        ["Vanished 2000-2fff"],
        Compare([$"1000-5000 rw-p {Anonymous}"], [$"1000-2000 rw-p {Anonymous}", $"3000-5000 rw-p {Anonymous}"]));

    [Fact]
    public void Lines_that_overlap_because_mappings_were_joined_while_they_were_read_are_taken_as_one()
    {
        string[] overlapping = [$"1000-3000 rw-p {Anonymous}", $"2000-5000 rw-p {Anonymous}", $"8000-9000 rw-p {Anonymous}"];
        string[] whole = [$"1000-5000 rw-p {Anonymous}", $"8000-9000 rw-p {Anonymous}"];
        Assert.Empty(Compare(overlapping, whole));
        Assert.Empty(Compare(whole, overlapping));
    }

    [Fact]
    public void Growth_appears() => Assert.Equal(
        ["Appeared 5000-5fff", "Appeared 8000-8fff"],
        Compare([$"1000-5000 rw-p {Anonymous}"], [$"1000-6000 rw-p {Anonymous}", $"8000-9000 rw-p {Anonymous}"]));

    [Fact]
    public void Protection_of_a_part_changes() => Assert.Equal(
        ["ProtectionChanged 2000-2fff"],
        Compare(
            [$"1000-5000 rw-p {Anonymous}"],
            [$"1000-2000 rw-p {Anonymous}", $"2000-3000 r--p {Anonymous}", $"3000-5000 rw-p {Anonymous}"]));

    [Fact]
    public void Another_file_another_place_or_sharing_is_another_backing()
    {
        Assert.Equal(["BackingChanged 1000-1fff"], Compare(["1000-2000 r--p 0000 fe:01 7 /a"], ["1000-2000 r--p 0000 fe:01 8 /a"]));
        Assert.Equal(["BackingChanged 1000-1fff"], Compare(["1000-2000 r--p 0000 fe:01 7 /a"], ["1000-2000 r--p 1000 fe:01 7 /a"]));
        Assert.Equal(["BackingChanged 1000-1fff"], Compare(["1000-2000 r--p 0000 fe:01 7 /a"], ["1000-2000 r--s 0000 fe:01 7 /a"]));
        Assert.Equal(
            ["ProtectionChanged, BackingChanged 1000-1fff"],
            Compare(["1000-2000 r--p 0000 fe:01 7 /a"], [$"1000-2000 rw-p {Anonymous}"]));
    }

    [Fact]
    public void Name_alone_is_no_change() =>
        Assert.Empty(Compare(["1000-2000 r--p 0000 fe:01 7 /a"], ["1000-2000 r--p 0000 fe:01 7 /a (deleted)"]));

    [Fact]
    public void Change_over_several_pieces_is_one() => Assert.Equal(
        ["Vanished 1000-4fff"], Compare([$"1000-2000 rw-p {Anonymous}", $"2000-5000 rw-p {Anonymous}"], []));

    [Fact]
    public void Highest_address_does_no_harm() => Assert.Empty(Compare(
        [$"ffffffffff600000-ffffffffff601000 --xp {Anonymous} [vsyscall]"],
        [$"ffffffffff600000-ffffffffff601000 --xp {Anonymous} [vsyscall]"]));

    [Fact]
    public void Neighbours_that_differ_in_place_only_are_one()
    {
        List<ProcessMapping> mappings = Parse(
            $"1000-2000 rw-p {Anonymous}", $"2000-3000 rw-p {Anonymous}", $"3000-4000 r--p {Anonymous}", $"5000-6000 r--p {Anonymous}");
        Assert.Equal([true, false, false], mappings.Zip(mappings.Skip(1), (left, right) => MapsDifference.AreOne(in left, in right)));
    }

    [Fact]
    public void Random_snapshots_agree_with_a_page_by_page_comparison()
    {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            List<ProcessMapping> before = RandomSnapshot(random);
            List<ProcessMapping> after = RandomSnapshot(random);
            var changes = new List<MappingChange>();
            MapsDifference.Compare(CollectionsMarshal.AsSpan(before), CollectionsMarshal.AsSpan(after), changes);
            for (ulong page = 0; page < 32; page++)
            {
                MappingChangeKind expected = Expected(At(before, page * 4096), At(after, page * 4096));
                MappingChangeKind actual = changes.SingleOrDefault(c => c.Start <= page * 4096 && c.Last >= page * 4096).Kind;
                Assert.Equal(expected, actual);
            }
        }
    }

    private static MappingChangeKind Expected(ProcessMapping? before, ProcessMapping? after) => (before, after) switch
    {
        (null, null) => MappingChangeKind.None,
        (null, _) => MappingChangeKind.Appeared,
        (_, null) => MappingChangeKind.Vanished,
        _ => (before.Value.Protection == after.Value.Protection ? 0 : MappingChangeKind.ProtectionChanged)
            | (before.Value.Inode == after.Value.Inode ? 0 : MappingChangeKind.BackingChanged),
    };

    private static ProcessMapping? At(List<ProcessMapping> mappings, ulong address)
    {
        int index = mappings.FindIndex(mapping => mapping.Contains(address));
        return index < 0 ? null : mappings[index];
    }

    private static List<ProcessMapping> RandomSnapshot(Random random)
    {
        var lines = new List<string>();
        for (int page = 0; page < 32;)
        {
            int end = Math.Min(32, page + random.Next(1, 6));
            string protection = random.Next(2) == 0 ? "rw-p" : "r--p";
            if (random.Next(3) != 0)
                lines.Add($"{page * 4096:x}-{end * 4096:x} {protection} {page * 4096:x8} fe:01 {random.Next(1, 3)} /f");
            page = end;
        }

        return Parse([.. lines]);
    }

    private static List<string> Compare(string[] before, string[] after)
    {
        var changes = new List<MappingChange>();
        MapsDifference.Compare(CollectionsMarshal.AsSpan(Parse(before)), CollectionsMarshal.AsSpan(Parse(after)), changes);
        return changes.ConvertAll(change => $"{change.Kind} {change.Start:x}-{change.Last:x}");
    }

    private static List<ProcessMapping> Parse(params string[] lines)
    {
        var mappings = new List<ProcessMapping>();
        MapsParser.ParseLines(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))), new MappingNameCache(), mappings);
        return mappings;
    }
}
