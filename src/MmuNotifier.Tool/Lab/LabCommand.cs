using System.CommandLine;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Lab;

/// <summary><c>mmun lab</c>: the commands that test this project rather than a program of the user.</summary>
internal static class LabCommand
{
    internal static Command Create() => new ToolCommand(
        "lab",
        "Test MmuNotifier itself: its drivers, its registration cache, its schedules.",
        [
            new("mmun lab selftest", "the scenarios of the kernel's HMM self tests"),
            new("mmun lab explore --driver svm --defect DriverRetryNotChecked", "a seeded defect, and the schedule that shows it"),
        ],
        [new("0", "what was tested is right"), new("1", "something is wrong"), ExitCodeLine.Refused])
    {
        ExploreCommand.Create(),
        StressCommand.Create(),
        SelfTestCommand.Create(),
        RacesCommand.Create(),
    };
}
