using System.Globalization;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>The cores of a tree of processes are of one moment: what they share is the same in all of them.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class SharedMemoryCoreTests : IDisposable
{
    private const int Children = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-sharing").FullName;

    private string Core => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Memory_that_processes_share_and_write_is_the_same_in_all_their_cores()
    {
        Machine.Require("gdb");
        using var program = new NativeTarget("sharing");
        using var target = new RunningTarget(program.Program, Children.ToString(CultureInfo.InvariantCulture));
        string[] counters = target.ReadLine().Split(' ');
        for (int i = 0; i < 3; i++)
        {
            using (Mmun mmun = Mmun.Run("core", "--pid", target.Id, "-o", Core, "--children", "--max-stop", "20000"))
                Assert.True(mmun.WaitForExit() == 0, mmun.Error);
            string[] cores = Directory.GetFiles(_folder);
            Assert.Equal(1 + Children, cores.Length);
            long[][] shown = [.. cores.Select(core => CountersIn(program.Program, core, counters))];
            Assert.All(shown, each =>
            {
                Assert.True(each[1] > 0, "nothing was counted");
                Assert.Equal(shown[0][..2], each[..2]);
                Assert.InRange(each[0] - each[1], 0, 1 + Children);
                Assert.InRange(each[2] - each[3], 0, 1);
            });
        }
    }

    private static long[] CountersIn(string program, string core, string[] counters)
    {
        string[] commands = [.. counters.SelectMany(counter => (string[])["-ex", $"p *(long *){counter}"])];
        return CoreTarget.ValuesIn(CoreTarget.Run("gdb", ["-nx", "-batch", .. commands, program, core]));
    }
}
