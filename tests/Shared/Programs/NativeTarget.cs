using System.Diagnostics;

namespace MmuNotifier.Tests.Shared;

/// <summary>A target written in C or C++, compiled for one test into a folder of its own; without a compiler the test is skipped.</summary>
internal sealed class NativeTarget : IDisposable
{
    internal NativeTarget(string name, params string[] flags)
    {
        bool isC = File.Exists(Machine.NativeSource(name + ".c"));
        string command = isC ? "gcc" : "g++";
        Machine.Require(command);
        Program = Path.Combine(Folder, name);
        string source = Machine.NativeSource(name + (isC ? ".c" : ".cpp"));
        using Process compiler = Process.Start(command, ["-O1", .. flags, "-o", Program, source]);
        Assert.True(compiler.WaitForExit(Patience.Limit), $"{command} did not end");
        Assert.Equal(0, compiler.ExitCode);
    }

    internal string Folder { get; } = Directory.CreateTempSubdirectory("mmun-target").FullName;

    internal string Program { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
