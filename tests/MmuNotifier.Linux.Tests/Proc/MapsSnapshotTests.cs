using System.Text;

namespace MmuNotifier.Linux.Tests.Proc;

public class MapsSnapshotTests
{
    private const string A = "1000-2000 r--p 00000000 00:00 0 \n";
    private const string B = "2000-3000 rw-p 00000000 00:00 0                  [heap]\n";
    private const string C = "5000-7000 rw-p 00000000 00:00 0 \n";
    private const string D = "9000-a000 r-xp 00001000 fe:00 77                 /usr/lib/x.so\n";
    private const string Vsyscall = "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";

    private readonly MappingNameCache _names = new();

    [Theory]
    [InlineData("", "AB", new[] { -1, -1 }, 2)]
    [InlineData("ABCD", "ABCD", new[] { 0, 1, 2, 3 }, 0)]
    [InlineData("ABCD", "ACD", new[] { 0, 2, 3 }, 0)]
    [InlineData("ACD", "ABCD", new[] { 0, -1, 1, 2 }, 1)]
    [InlineData("ABCD", "D", new[] { 3 }, 0)]
    [InlineData("D", "ABC", new[] { -1, -1, -1 }, 3)]
    [InlineData("ABxD", "ABCD", new[] { 0, 1, -1, 3 }, 1)]
    public void Only_lines_that_the_one_before_lacks_are_parsed(string before, string after, int[] origins, int parsed)
    {
        MapsSnapshot old = Take(before, new MapsSnapshot(), int.MaxValue);
        MapsSnapshot next = Take(after, old, int.MaxValue);

        Assert.Equal(origins, next.Origins);
        Assert.Equal(parsed, next.LinesParsed);
        Assert.Equal(before == after, next.IsSameAs(old));
        Assert.Equal(Parse(after), next.Mappings);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void Text_may_come_in_pieces(int piece)
    {
        MapsSnapshot old = Take("ABD", new MapsSnapshot(), piece);
        MapsSnapshot next = Take("ABCD", old, piece);

        Assert.Equal([0, 1, -1, 2], next.Origins);
        Assert.Equal(Parse("ABCD"), next.Mappings);
    }

    [Fact]
    public void A_snapshot_is_filled_again()
    {
        MapsSnapshot first = Take("ABCD", new MapsSnapshot(), int.MaxValue);
        MapsSnapshot second = Take("BC", first, int.MaxValue);
        first.Clear();
        Add("BCD", first, second, int.MaxValue);

        Assert.Equal([0, 1, -1], first.Origins);
        Assert.Equal(Parse("BCD"), first.Mappings);
    }

    [Fact]
    public void A_reading_of_a_process_is_the_same_as_its_list()
    {
        using var child = PythonChild.Start();
        using ProcessMaps maps = ProcessMaps.Open(child.ProcessId, _names, out _)!;
        var list = new List<ProcessMapping>();
        var first = new MapsSnapshot();
        var second = new MapsSnapshot();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Assert.Equal(Errno.None, maps.Read(first, second));
                Assert.Equal(Errno.None, maps.Read(list));
                return maps.Read(second, first) == Errno.None && second.IsSameAs(first);
            },
            TimeSpan.FromSeconds(20)));
        Assert.Equal(list.Where(mapping => mapping.Kind != MappingKind.Vsyscall), second.Mappings);
    }

    private static string TextOf(string letters) => string.Concat(letters.Select(letter => letter switch
    {
        'A' => A,
        'B' => B,
        'C' => C,
        'D' => D,
        _ => C.Replace("rw-p", "r--p", StringComparison.Ordinal),
    }));

    private List<ProcessMapping> Parse(string letters)
    {
        var mappings = new List<ProcessMapping>();
        MapsParser.ParseLines(Encoding.UTF8.GetBytes(TextOf(letters)), _names, mappings);
        return mappings;
    }

    private MapsSnapshot Take(string letters, MapsSnapshot before, int piece)
    {
        var snapshot = new MapsSnapshot();
        Add(letters, snapshot, before, piece);
        return snapshot;
    }

    private void Add(string letters, MapsSnapshot snapshot, MapsSnapshot before, int piece)
    {
        byte[] text = Encoding.UTF8.GetBytes(TextOf(letters) + Vsyscall);
        for (int done = 0; done < text.Length;)
        {
            int count = Math.Min(piece, text.Length - done);
            text.AsSpan(done, count).CopyTo(snapshot.Room(count));
            snapshot.Add(count, before, _names);
            done += count;
        }
    }
}
