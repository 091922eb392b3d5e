using System.CommandLine;
using System.IO.Enumeration;
using MmuNotifier.Hmm.Drivers.SelfTests;
using MmuNotifier.Tool.CommandLine;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Lab;

/// <summary>The command line of <c>mmun lab selftest</c>.</summary>
internal static class SelfTestCommand
{
    internal static Command Create()
    {
        Option<string?> backend = MemoryBackend.CreateOption();
        var filter = new Option<string>("--filter", "-f")
        {
            Description = "Only tests whose whole name fits, with * and ?.",
            HelpName = "GLOB",
            DefaultValueFactory = _ => "*",
        };
        var list = new Option<bool>("--list", "-l") { Description = "Print the names of the tests; run none." };
        var command = new ToolCommand(
            "selftest",
            "Run the scenarios of the kernel's HMM self tests on mirror devices, with output in KTAP version 1.",
            [
                new("mmun lab selftest", "all of them, on the simulated address space"),
                new("mmun lab selftest -b linux -f '*migrate*'", "those about migration, on memory of this process"),
            ],
            [new("0", "nothing failed"), new("1", "a test failed"), ExitCodeLine.Refused, ExitCodeLine.Interrupted])
        {
            backend, filter, list,
        };
        command.SetAction(parsed => Execute(parsed.GetValue(backend)!, parsed.GetValue(filter)!, parsed.GetValue(list)));
        return command;
    }

    private static int Execute(string backend, string filter, bool list)
    {
        SelfTest[] tests =
            [.. SelfTestList.All.Where(test => FileSystemName.MatchesSimpleExpression(filter, test.Name, ignoreCase: false))];
        if (tests.Length == 0)
        {
            Console.Error.WriteLine($"mmun: No self test is named '{filter}'. (see mmun lab selftest --list)");
            return ExitCodes.Impossible;
        }

        if (!list)
            return Run(tests, backend);
        foreach (SelfTest test in tests)
            Console.WriteLine(test.Name);
        return ExitCodes.Success;
    }

    private static int Run(SelfTest[] tests, string backend)
    {
        using var interruption = new Interruption();
        int failed = SelfTestRunner.Run(tests, () => MemoryBackend.Create(backend), Console.Out, interruption.Asked);
        return failed == 0 ? interruption.ExitCode : ExitCodes.Differs;
    }
}
