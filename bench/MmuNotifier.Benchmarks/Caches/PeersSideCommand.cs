using System.CommandLine;
using MmuNotifier.Benchmarks.Caches.Sides;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>The command line of <c>peers-side</c>: one of the processes that <c>peers</c> measures.</summary>
internal static class PeersSideCommand
{
    internal const string Name = "peers-side";
    internal const string Ours = "ours";
    internal const string VerifyOnHit = "verify-on-hit";
    internal const string Assuming = "assuming";
    internal const string Bare = "bare";
    internal const string Floor = "floor";

    internal static Command Create()
    {
        var side = new Argument<string>("side");
        side.AcceptOnlyFromAmong(Ours, Assuming, VerifyOnHit, Bare, Floor);
        var command = new Command(Name, "One side of `peers`, which answers questions from standard input.") { side };
        command.Hidden = true;
        command.SetAction(parsed => SideLoop.Run(parsed.GetValue(side) switch
        {
            Ours => new OurSide(verifyOnHit: false, assumesNoForeignRemap: false),
            Assuming => new OurSide(verifyOnHit: false, assumesNoForeignRemap: true),
            VerifyOnHit => new OurSide(verifyOnHit: true, assumesNoForeignRemap: false),
            Bare => new BareSide(),
            _ => new FloorSide(),
        }));
        return command;
    }
}
