using System.Diagnostics;

namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>The self-checking C program of Targets/target.c, compiled once a test run.</summary>
internal static class TargetProgram
{
    private static readonly Lazy<string?> Compiled = new(Compile);

    internal static string Path
    {
        get
        {
            Assert.SkipWhen(Compiled.Value is null, "needs gcc and a CPU with AVX");
            return Compiled.Value!;
        }
    }

    private static string? Compile()
    {
        if (!System.Runtime.Intrinsics.X86.Avx.IsSupported || !Tools.Has("gcc"))
            return null;
        string output = System.IO.Path.Combine(Directory.CreateTempSubdirectory("mmunotifier-target").FullName, "target");
        string source = System.IO.Path.Combine(AppContext.BaseDirectory, "Targets", "target.c");
        using Process compiler = Process.Start("gcc", ["-O1", "-Wall", "-Werror", "-pthread", "-o", output, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        // Other users run it, too.
        using Process opener = Process.Start("chmod", ["-R", "a+rX", System.IO.Path.GetDirectoryName(output)!]);
        opener.WaitForExit();
        return output;
    }
}
