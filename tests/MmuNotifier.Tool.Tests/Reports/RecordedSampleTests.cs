using System.Globalization;
using System.Text.Json;
using MmuNotifier.Tool.Tests.EndToEnd;
using MmuNotifier.Tool.Tests.Top;

namespace MmuNotifier.Tool.Tests.Reports;

/// <summary>What a user finds out about the sample programs with mmun record and mmun report.</summary>
[Collection(EndToEndGroup.Name)]
public class RecordedSampleTests
{
    [Fact]
    public void A_leak_grows_steadily()
    {
        using Sample sample = new("leaks");
        JsonElement report = Report(sample, report => report.GetProperty("growing").GetArrayLength() > 0);
        JsonElement first = report.GetProperty("growing")[0];
        Assert.Equal("[heap]", first.GetProperty("mapping").GetProperty("name").GetString());
        Assert.Equal("Steady", first.GetProperty("shape").GetString());
        Assert.Contains("[heap] rw-p", Text(sample), StringComparison.Ordinal);
        Assert.Contains("grows steadily, to the end", Text(sample), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_is_unmapped_and_mapped_again_is_counted_with_its_size()
    {
        using Sample sample = new("remaps");
        JsonElement report = Report(sample, report => report.GetProperty("churning").EnumerateArray().Any(IsBuffer));
        Assert.True(report.GetProperty("events").GetProperty("unmapped").GetInt64() > 1);
        Assert.Contains("1.00M", Text(sample).Split("unmapped and mapped again")[1], StringComparison.Ordinal);

        static bool IsBuffer(JsonElement churn) =>
            churn.GetProperty("sizeBytes").GetInt64() == 1 << 20 && churn.GetProperty("timesAtLeast").GetInt64() > 2;
    }

    [Fact]
    public void What_is_written_most_and_what_is_never_touched_is_named()
    {
        using Sample sample = new("writes");
        JsonElement report = Report(sample, report => report.GetProperty("written").GetArrayLength() > 0);
        JsonElement first = report.GetProperty("written")[0];
        Assert.Equal(64 << 20, first.GetProperty("mapping").GetProperty("sizeBytes").GetInt64());
        Assert.True(first.GetProperty("bytesPerSecond").GetDouble() > 1 << 20, $"{first}");
        Assert.Contains(
            report.GetProperty("neverTouched").EnumerateArray(), each => each.GetProperty("sizeBytes").GetInt64() >= 32 << 20);
        JsonElement core = report.GetProperty("core");
        Assert.True(core.GetProperty("fileBytes").GetInt64() > core.GetProperty("diskBytes").GetInt64(), $"{core}");
        Assert.True(core.GetProperty("stopOfGcoreSeconds").GetDouble() > 0);
    }

    [Fact]
    public void A_recording_whose_mmun_was_killed_is_read_up_to_there()
    {
        using Sample sample = new("remaps");
        string file = Path.Combine(sample.Folder, "killed.rec");
        using (var mmun = new Mmun("record", "--pid", sample.Id, "-o", file, "--interval", "0.02"))
        {
            Patience.Until(() => File.Exists(file) && new FileInfo(file).Length > 2000, "2,000 bytes in the recording");
            mmun.Signal(Mmun.Kill);
            mmun.WaitForExit();
        }

        sample.AssertUnharmed();
        using Mmun report = Mmun.Run("report", file, "--json");
        Assert.True(report.WaitForExit() == 0, report.Error);
        JsonElement root = JsonDocument.Parse(report.Output).RootElement;
        Assert.True(root.GetProperty("looks").GetInt32() > 2);
        Assert.Contains(root.GetProperty("end").GetString(), (string[])["None", "Damaged"]);
        using Mmun text = Mmun.Run("report", file);
        Assert.Contains("mmun was killed", text.Output + root.GetProperty("problem"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_launched_program_is_recorded_from_its_first_instruction_through_its_exec_to_its_end()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("mmun-record").FullName, "launched.rec");
        using Mmun mmun = Mmun.Run(
            "record", "-o", file, "--interval", "0.05", "--", "sh", "-c", "sleep 1; exec sh -c 'sleep 2; echo said; exit 7'");
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        Assert.Equal("said\n", mmun.Output);
        Assert.Contains("has ended with exit code 7.", mmun.Error, StringComparison.Ordinal);
        Assert.Contains($"mmun report {file}", mmun.Error, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        using Mmun report = Mmun.Run("report", file, "--json");
        JsonElement root = JsonDocument.Parse(report.Output).RootElement;
        Assert.Equal("ProcessEnded", root.GetProperty("end").GetString());
        Assert.Equal(1, root.GetProperty("events").GetProperty("executed").GetInt64());
        Assert.Contains("exit 7", root.GetProperty("command").GetString(), StringComparison.Ordinal);
        // It reads the text of its programs for the first time, which is no write.
        JsonElement[] written = [.. root.GetProperty("written").EnumerateArray()];
        Assert.NotEmpty(written);
        Assert.DoesNotContain(written, row => row.GetProperty("mapping").GetProperty("permissions").GetString() == "r-xp");
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void A_disk_that_is_full_is_one_line()
    {
        using Sample sample = new("leaks");
        using Mmun mmun = Mmun.Run("record", "--pid", sample.Id, "-o", "/dev/full");
        Assert.Equal(2, mmun.WaitForExit());
        Assert.Contains("mmun: /dev/full cannot be written", mmun.Error, StringComparison.Ordinal);
        Assert.Single(mmun.Error.Split('\n'));
        sample.AssertUnharmed();
    }

    [Fact]
    public void A_recording_that_has_no_more_room_says_from_when_on_nothing_is_in_it()
    {
        using Sample sample = new("leaks");
        string file = Path.Combine(sample.Folder, "small.rec");
        using Mmun mmun = Mmun.Run("record", "--pid", sample.Id, "-o", file, "--interval", "0.01", "--max-size", "64K");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains("--max-size was reached: nothing after", mmun.Error, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(file).Length, 1000, 64 << 10);
        using Mmun report = Mmun.Run("report", file);
        Assert.Contains("--max-size was reached: nothing after", report.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cannot be read: Could not find", "report", "/nowhere/at.all")]
    [InlineData("cannot be read: it is no recording of mmun record.", "report", "/bin/sh")]
    [InlineData("--max-size takes a size from 64K to 1024G, such as 64M; not '12x'", "record", "--max-size", "12x", "--pid", "1")]
    [InlineData("cannot be written: ", "record", "-o", "/nowhere/at.all", "--pid", "1")]
    public void What_cannot_be_is_refused_in_one_line(string words, params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(arguments);
        Assert.Contains(words, mmun.Refusal(), StringComparison.Ordinal);
    }

    private static JsonElement Report(Sample sample, Func<JsonElement, bool> isEnough)
    {
        const int mostRuns = 4;
        for (int run = 1; ; run++)
        {
            using Mmun mmun = Mmun.Run(
                "record", "--pid", sample.Id, "-o", FileOf(sample), "--interval", "0.1",
                "--duration", (4 * run).ToString(CultureInfo.InvariantCulture));
            Assert.True(mmun.WaitForExit() == 0, mmun.Error);
            using Mmun report = Mmun.Run("report", FileOf(sample), "--json");
            Assert.True(report.WaitForExit() == 0, report.Error);
            JsonElement root = JsonDocument.Parse(report.Output).RootElement;
            if (!isEnough(root) && run < mostRuns)
                continue;
            Assert.True(isEnough(root), $"{root}");
            Assert.Equal(("mmun-report", 1), (root.GetProperty("schema").GetString(), root.GetProperty("version").GetInt32()));
            Assert.Equal("Asked", root.GetProperty("end").GetString());
            sample.AssertUnharmed();
            return root;
        }
    }

    private static string Text(Sample sample)
    {
        using Mmun mmun = Mmun.Run("report", FileOf(sample));
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        return mmun.Output;
    }

    private static string FileOf(Sample sample) => Path.Combine(sample.Folder, "sample.rec");
}
