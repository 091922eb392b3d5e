using System.Diagnostics;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// A program of tests/Targets/Device, a file or a folder of files, compiled for one test into a folder of its own; without a compiler the
/// test is skipped.
/// </summary>
internal sealed class DeviceProgram : IDisposable
{
    private const int Skipped = 77;

    internal DeviceProgram(string name, params string[] flags)
    {
        Machine.Require("cc");
        Path = System.IO.Path.Combine(Folder, name);
        string[] common = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"];
        using Process compiler = Process.Start("cc", [.. common, "-o", Path, .. Sources(name), .. flags]);
        Assert.True(compiler.WaitForExit(Patience.Limit), "cc did not end");
        Assert.Equal(0, compiler.ExitCode);
    }

    internal string Folder { get; } = Directory.CreateTempSubdirectory("mmun-device-target").FullName;

    internal string Path { get; }

    /// <summary>Runs it under mmun device; what it says has failed, fails the test.</summary>
    internal void Succeed(params string[] arguments)
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        using var mmun = new Mmun(["device", "--", Path, .. arguments]);
        int exitCode = mmun.WaitForExit();
        Assert.SkipWhen(exitCode == Skipped, mmun.Output.Trim());
        Assert.True(exitCode == 0, $"exit code {exitCode}\n{mmun.Output}\n{mmun.Error}");
        Assert.Equal("ok", mmun.Output.Trim());
        Assert.Equal("", mmun.Error);
    }

    private static string[] Sources(string name)
    {
        string folder = Machine.DeviceSource(name);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.c") : [folder + ".c"];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
