using MmuNotifier.Processes;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Mirroring;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Top;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Mirroring;

public sealed class MirrorViewTests
{
    private readonly MirrorModel _model = new(new RoundCost(TimeSpan.FromMicroseconds(10)));
    private readonly MirrorView _view = new(Glyphs.Unicode);

    public static TheoryData<int, int, int> Sizes => new(
        from width in (int[])[1, 20, 60, 80, 200]
        from height in (int[])[0, 1, 3, 6, 24]
        from programs in (int[])[0, 1, 2, 30]
        select (width, height, programs));

    [Fact]
    public void Before_the_first_look_it_has_its_name_and_its_end() => Assert.Equal(
        """
        mmun mirror
        Ctrl-C ends it and lets the program go, which runs on
        """,
        Draw(80, 24));

    [Fact]
    public void One_program_has_the_header_and_the_rows_of_top()
    {
        for (int i = 0; i <= 4; i++)
            _model.Add([Look(1, 4711, "server", heapPages: 100 + (25 * i))], Progress(i));
        Assert.Equal(
            """
            mmun mirror  4711  server                                                   0:04
            3.91 MiB mirrored  200 KiB/s written  2.0 events/s  2 mappings
            not compared yet; 4 rounds cost it <0.1%
            written                                                                 ▁███▇▇▇▇
            """.Split('\n')[..3],
            Draw(80, 24).Split('\n')[..3]);
        string[] rows = Draw(80, 24).Split('\n')[4..];
        Assert.StartsWith("MAPPING          SIZE    RES   GROWN  WRIT/s TREND     EV/s PAGES", rows[0], StringComparison.Ordinal);
        Assert.StartsWith("[heap]           800K   800K   +400K    200K", rows[1], StringComparison.Ordinal);
        Assert.StartsWith("(anonymous)", rows[2], StringComparison.Ordinal);
        Assert.StartsWith("Ctrl-C", rows[3], StringComparison.Ordinal);
        Assert.Equal(4, rows.Length);
    }

    [Fact]
    public void Freezes_say_what_they_found()
    {
        _model.Add([Look(1, 4711, "server")], Progress(1) with { Freezes = 3, LastPauseMillis = 4.25 });
        Assert.Equal("nothing differs; 3 freezes, the last of 4.3 ms; 1 round cost it 0%", Draw(80, 24).Split('\n')[2]);
        _model.Add([Look(1, 4711, "server")], Progress(2) with { Freezes = 1, LastPauseMillis = 4.25, Differing = 2 });
        Assert.StartsWith("2 pages differ; 1 freeze, the last of 4.3 ms; 2 rounds", Draw(80, 24).Split('\n')[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_programs_the_most_active_ones_are_shown_each_under_its_name()
    {
        for (int i = 0; i <= 2; i++)
        {
            _model.Add(
                [
                    Look(1, 4711, "sh", written: 1),
                    .. Enumerable.Range(2, 9).Select(number => Look(number, 4800 + number, "worker", written: number)),
                ],
                Progress(i));
        }

        string[] lines = Draw(80, 24).Split('\n');
        Assert.StartsWith("mmun mirror  4711  sh, 10 programs", lines[0], StringComparison.Ordinal);
        Assert.Contains("cost each at most", lines[2], StringComparison.Ordinal);
        Assert.Equal(
            ["4810  worker", "4809  worker", "4808  worker", "4807  worker"],
            lines.Where(line => line.Contains("resident", StringComparison.Ordinal)).Select(line => line[..12]));
        Assert.Single(lines, line => line.StartsWith("MAPPING", StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_that_has_ended_goes_and_the_first_one_keeps_its_name()
    {
        _model.Add([Look(1, 4711, "sh"), Look(2, 4712, "sort")], Progress(0));
        for (int i = 1; i <= MirrorModel.MaxMissed; i++)
        {
            _model.Add([Look(2, 4712, "sort")], Progress(i));
            Assert.Equal(2, _model.Count);
        }

        _model.Add([], Progress(3));
        Assert.Equal(2, _model.Count);
        _model.Add([Look(2, 4712, "sort")], Progress(4));
        Assert.Equal([2], _model.Programs.Select(program => program.Number));
        Assert.StartsWith("mmun mirror  4711  sh", Draw(80, 24), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void It_is_never_larger_than_there_is_room_for(int width, int height, int programs)
    {
        for (int i = 0; i < 2; i++)
            _model.Add([.. Enumerable.Range(1, programs).Select(number => Look(number, number, "a program", written: 3))], Progress(i));
        List<ScreenLine> lines = _view.Draw(_model, width, height);
        Assert.InRange(lines.Count, 1, Math.Max(1, height));
        Assert.All(lines, line => Assert.InRange(TextCells.Width(line.Text), 0, width));
    }

    private string Draw(int width, int height) =>
        string.Join('\n', _view.Draw(_model, width, height).Select(line => line.Text.TrimEnd()));

    private static MirroredLook Look(int number, int processId, string command, int heapPages = 100, int written = 50) => new()
    {
        ProcessId = processId,
        Command = command,
        ProgramNumber = number,
        Mappings = [Mapping(0x1000, (ulong)heapPages, "[heap]"), Mapping(0x9000, 4)],
        Resident = [Pages(0x1000, (ulong)heapPages), Pages(0x9000, 4)],
        Written = [Pages(0x1000, (ulong)written)],
        Changes = [new MemoryChange(MemoryChangeKind.Dropped, Pages(0x9000, 1))],
        ChangesLost = 0,
    };

    private static MirrorProgress Progress(int seconds) => new(
        TimeSpan.FromSeconds(seconds), Processes: 1, Pages: 1000, Rounds: seconds, Unmaps: 0, Clears: 0, Forks: 0, Written: 0, Retries: 0,
        Freezes: 0, LastPauseMillis: 0, LastCatchUpMillis: 0, Differing: 0);
}
