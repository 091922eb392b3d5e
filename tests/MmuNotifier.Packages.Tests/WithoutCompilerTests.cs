namespace MmuNotifier.Packages.Tests;

/// <summary>A machine without a C compiler: one that looks for it where there is none.</summary>
[Collection(PackedGroup.Name)]
public sealed class WithoutCompilerTests(Packed packed)
{
    private const string NoCompiler = "-p:CCompiler=/nonexistent/cc";

    [Theory]
    [InlineData("MmuNotifier.Linux", "The native library of MmuNotifier.Linux is not built")]
    [InlineData("MmuNotifier.Tool", "The library that mmun device loads into programs is not built")]
    public void Nothing_is_packed_and_the_error_says_what_would_be_missing(string project, string missing)
    {
        (int exitCode, string output) = packed.TryRun(
            "dotnet", Packed.Root, "pack", $"src/{project}", "--no-build", "-c", Packed.Configuration, "-o", packed.Folder, NoCompiler);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(
            $"error MMUNCC: A package is not made without a C compiler (/nonexistent/cc). {missing}", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(packed.Folder, "*.nupkg"));
    }

    [Theory]
    [InlineData("MmuNotifier.Linux", "the memory of this process cannot be watched")]
    [InlineData("MmuNotifier.Tool", "mmun device says so")]
    public void A_build_warns_of_what_will_be_missing_and_succeeds(string project, string missing)
    {
        // The target that warns, for itself: a whole build would take the library out of the folder that other tests run.
        string output = packed.Run(
            "dotnet", Packed.Root, "build", $"src/{project}", "--no-restore", "-c", Packed.Configuration, "-t:WarnWithoutCompiler",
            NoCompiler);
        Assert.Contains("warning MMUNCC: There is no C compiler (/nonexistent/cc).", output, StringComparison.Ordinal);
        Assert.Contains(missing, output, StringComparison.Ordinal);
    }
}
