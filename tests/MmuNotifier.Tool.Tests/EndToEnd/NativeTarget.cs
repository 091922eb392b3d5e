using System.Diagnostics;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>A target written in C, compiled for one test into a folder of its own; without a compiler the test is skipped.</summary>
internal sealed class NativeTarget : IDisposable
{
    internal NativeTarget(string name, params string[] flags)
    {
        Machine.Require("gcc");
        Program = Path.Combine(Folder, name);
        using Process compiler = Process.Start("gcc", ["-O1", .. flags, "-o", Program, Machine.NativeSource(name + ".c")]);
        Assert.True(compiler.WaitForExit(Patience.Limit), "gcc did not end");
        Assert.Equal(0, compiler.ExitCode);
    }

    internal string Folder { get; } = Directory.CreateTempSubdirectory("mmun-target").FullName;

    internal string Program { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
