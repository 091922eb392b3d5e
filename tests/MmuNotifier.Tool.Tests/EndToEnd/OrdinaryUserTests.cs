using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>What the commands on LiveProcess do without CAP_SYS_PTRACE.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class OrdinaryUserTests : IDisposable
{
    private readonly OrdinaryUser _user = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-open").FullName;

    public OrdinaryUserTests() => OrdinaryUser.OpenToAll(_folder);

    private string Output => Path.Combine(_folder, "file");

    public static TheoryData<string> Commands => ["top --once --json --interval 0.2", "record --duration 1", "core"];

    public void Dispose()
    {
        _user.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void What_others_run_is_refused_in_one_line(string command)
    {
        Assert.SkipUnless(Machine.IsRoot, "only root can be two users");
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using Mmun mmun = _user.Mmun(Arguments(command, target.Id));

        Assert.Contains("belongs to user 0 and this process runs as user 65534", mmun.Refusal(), StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
        target.AssertUnharmed();
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void What_is_refused_leaves_a_file_that_was_there_as_it_was(string command)
    {
        Assert.SkipUnless(Machine.IsRoot, "only root can be two users");
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        File.WriteAllText(Output, "of before");
        OrdinaryUser.OpenToAll(Output);
        using Mmun mmun = _user.Mmun(Arguments(command, target.Id));

        _ = mmun.Refusal();
        Assert.Equal("of before", File.ReadAllText(Output));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void What_the_user_runs_is_watched(string command)
    {
        using RunningTarget target = OrdinaryUser.Target(Machine.Python, _user.Script("counter.py"));
        target.ReadLine();
        using Mmun mmun = _user.Mmun(Arguments(command, target.Id));

        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        if (command.Contains("--json", StringComparison.Ordinal))
            Assert.NotEmpty(JsonDocument.Parse(mmun.Output).RootElement.GetProperty("mappings").EnumerateArray());
        else
            Assert.NotEqual(0, new FileInfo(Output).Length);
        target.AssertUnharmed();
    }

    private string[] Arguments(string command, string processId)
    {
        string[] arguments = [.. command.Split(' '), "--pid", processId];
        return command.StartsWith("top", StringComparison.Ordinal) ? arguments : [.. arguments, "-o", Output];
    }
}
