using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>The rings of perf events take little of the memory that may be locked.</summary>
public sealed class PerfRingSizeTests
{
    private const ulong Smallest = (PerfRingSize.LeastDataPages + 1) * 4096;

    [Theory]
    [InlineData(2, 8 << 20, 16)]
    [InlineData(8, 8 << 20, 4)]
    [InlineData(64, 8 << 20, 2)]
    public void They_get_smaller_the_more_there_are(int processors, ulong lockable, int dataPages)
    {
        Assert.Equal(dataPages, PerfRingSize.Choose(processors, lockable, out string? lack));
        Assert.Null(lack);
    }

    [Fact]
    public void There_are_none_where_the_smallest_take_much_of_the_limit()
    {
        PerfRingSize.Choose(128, 8 << 20, out string? lack);
        Assert.Contains("RLIMIT_MEMLOCK", lack, StringComparison.Ordinal);
    }

    [Fact]
    public void A_watch_keeps_to_the_limit_and_names_it()
    {
        string plenty = Run(0);
        Assert.SkipUnless(plenty.EndsWith(" complete", StringComparison.Ordinal), plenty);
        ulong rings = ulong.Parse(plenty.Split(' ')[0], CultureInfo.InvariantCulture);
        string least = Run(8 * rings * Smallest);
        Assert.Equal($"{rings} {rings * Smallest} complete", least);
        string none = Run((8 * rings * Smallest) - 1);
        Assert.StartsWith("0 0 ", none, StringComparison.Ordinal);
        Assert.Contains("RLIMIT_MEMLOCK", none, StringComparison.Ordinal);
    }

    private static string Run(ulong lockable)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Linux.Tests.LinuxMemoryProgram.dll");
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", ["exec", program, "locked", lockable.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
            })!;
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit), "the program does not end");
        return output.TrimEnd();
    }
}
