using System.CommandLine;

namespace MmuNotifier.Benchmarks.Tests;

public sealed class BenchmarkCommandsTests
{
    public static TheoryData<string> Commands =>
        [.. BenchmarkCommands.Create().Subcommands.Where(command => !command.Hidden).Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_can_be_given_alone(string name) => Assert.Empty(BenchmarkCommands.Create().Parse(name).Errors);

    [Theory]
    [InlineData("core --runs 0", "--runs is at least 1.")]
    [InlineData("core --peer-runs -1", "--peer-runs is at least 0.")]
    [InlineData("core --save --rows idle", "--save is for all targets: not with --rows.")]
    public void What_it_cannot_do_is_said(string line, string message) =>
        Assert.Equal([message], BenchmarkCommands.Create().Parse(line).Errors.Select(error => error.Message));
}
