using System.Text.Json;
using MmuNotifier.Tool.Tests.EndToEnd;
using MmuNotifier.Tool.Top;

namespace MmuNotifier.Tool.Tests.Top;

/// <summary>One of the programs that do wrong in tests/Targets/Native, running, and mmun beside it.</summary>
internal sealed class Sample : IDisposable
{
    private const int MostRuns = 8;
    private readonly NativeTarget _program;
    private readonly RunningTarget _target;

    internal Sample(string name)
    {
        _program = new NativeTarget(name);
        _target = new RunningTarget(_program.Program);
        _ = _target.ReadLine();
    }

    internal string Id => _target.Id;

    internal string Folder => _program.Folder;

    /// <summary>
    /// mmun top as JSON, again with longer intervals until it shows something: how much happens in a time is not asserted.
    /// </summary>
    internal JsonElement Top(string sort, Func<JsonElement, bool> isEnough)
    {
        for (int run = 1; ; run++)
        {
            using Mmun mmun = Mmun.Run(
                "top", "--pid", Id, "--once", "--json", "--sort", sort,
                "--interval", run.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.True(mmun.WaitForExit() == 0, mmun.Error);
            JsonElement top = JsonDocument.Parse(mmun.Output).RootElement;
            if (!isEnough(top) && run < MostRuns)
                continue;
            Assert.True(isEnough(top), $"{top}");
            _target.AssertUnharmed();
            return top;
        }
    }

    /// <summary>The name in the first row of mmun top as text.</summary>
    internal string FirstRow(string sort)
    {
        using Mmun mmun = Mmun.Run("top", "--pid", Id, "--once", "--interval", "2", "--sort", sort);
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        string[] lines = mmun.Output.Split('\n');
        int heading = Array.FindIndex(lines, line => line.StartsWith("MAPPING", StringComparison.Ordinal));
        return lines[heading + 1][..TopColumns.For(lines[0].Length).Name].Trim();
    }

    internal void AssertUnharmed() => _target.AssertUnharmed();

    public void Dispose()
    {
        _target.Dispose();
        _program.Dispose();
    }
}
