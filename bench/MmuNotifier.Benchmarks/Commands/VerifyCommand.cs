using System.CommandLine;

namespace MmuNotifier.Benchmarks;

/// <summary>The command line of <c>verify</c>.</summary>
internal static class VerifyCommand
{
    internal static Command Create()
    {
        var command = new Command("verify", "Checks that the engine and the baseline of the table do the same on random operations, and "
            + "the baseline's tree. The table does so first, too.");
        command.SetAction(_ =>
        {
            Verification.Run();
            Console.WriteLine("ours and the baseline agree");
        });
        return command;
    }
}
