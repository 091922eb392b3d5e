namespace MmuNotifier.Packages.Tests;

/// <summary>A program that has nothing but the packages.</summary>
[Collection(PackedGroup.Name)]
public sealed class ConsumerTests(Packed packed)
{
    [Fact]
    public void It_builds_and_runs_and_compiled_ahead_of_time_without_a_warning_it_does_the_same()
    {
        _ = packed.Feed;
        string folder = Path.Combine(packed.Folder, "consumer");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Consumer")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        string version = $"-p:MmuNotifierVersion={Packed.Version}";
        packed.Run("dotnet", folder, "build", "-c", "Release", "-v", "quiet", version);
        string built = packed.Run("dotnet", folder, "bin/Release/net10.0/linux-x64/Consumer.dll");
        AssertWorks(built);
        AssertHasAnalyzers(folder, version);

        string log = packed.Run("dotnet", folder, "publish", "-c", "Release", "-o", "published", version);
        Assert.DoesNotContain("warning", log, StringComparison.OrdinalIgnoreCase);
        string published = packed.Run(Path.Combine(folder, "published", "Consumer"), folder);
        AssertWorks(published);
        Assert.Equal(built, published);
        Assert.DoesNotContain("libmmunotifier_faulthandler.so is not there", published, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tool_is_installed_and_runs()
    {
        _ = packed.Feed;
        packed.Run(
            "dotnet", packed.Folder, "tool", "install", "MmuNotifier.Tool", "--tool-path", "tools", "--version", Packed.Version,
            "--configfile", Path.Combine(packed.Folder, "nuget.config"));
        string mmun = Path.Combine(packed.Folder, "tools", "mmun");
        Assert.Contains("churn", packed.Run(mmun, packed.Folder, "--help"), StringComparison.Ordinal);
        Assert.Contains("\nok 72 ", packed.Run(mmun, packed.Folder, "lab", "selftest"), StringComparison.Ordinal);
        Assert.Contains(
            "DriverRetryNotChecked",
            packed.Run(mmun, packed.Folder, "lab", "explore", "--driver", "svm", "--defect", "DriverRetryNotChecked"),
            StringComparison.Ordinal);
    }

    private void AssertHasAnalyzers(string folder, string version)
    {
        string misuse = Path.Combine(folder, "Misuse.cs");
        File.WriteAllText(misuse, "static class Misuse { public static MmuNotifier.AddressRange Make(ulong start, ulong length) => "
            + "new(start, start + length); }");
        Assert.Contains(
            "warning MMUN008", packed.Run("dotnet", folder, "build", "-v", "quiet", version, "-p:TreatWarningsAsErrors=false"),
                StringComparison.Ordinal);
        File.Delete(misuse);
    }

    private static void AssertWorks(string output)
    {
        string[] lines = output.Trim().Split('\n');
        Assert.Equal("engine: drop [0x11000, 0x11fff]", lines[0]);
        Assert.Equal("simulation: None", lines[1]);
        Assert.Equal("driver: svm", lines[2]);
        Assert.Equal("values: Bea", lines[3]);
        Assert.Equal("values on Redis: Ann, False", lines[4]);
        if (!lines[5].StartsWith("process: This kernel", StringComparison.Ordinal))
            Assert.Equal("process: 1 thread, Complete 8, False 1 True True 137", lines[5]);
        Assert.StartsWith("watch: ", lines[6], StringComparison.Ordinal);
        string cached = lines[6] == "watch: works" ? "cache: 1 hits, 2 misses, 0 uncached" : "cache: 0 hits, 0 misses, 3 uncached";
        Assert.Equal(cached, lines[^2]);
        Assert.StartsWith("io_uring: The ring takes no table of 1024 buffers: ", lines[^1], StringComparison.Ordinal);
    }
}
