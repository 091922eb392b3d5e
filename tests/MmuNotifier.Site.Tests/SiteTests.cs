using System.Diagnostics;

namespace MmuNotifier.Site.Tests;

/// <summary>
/// The site: built from the documents, with the references of the API and of the commands, and every link leads somewhere.
/// </summary>
public sealed class SiteTests
{
    private static readonly string s_site = Path.Combine(Documentation.Root, "site");

    [Fact]
    public void It_is_built_and_has_no_dead_link()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(s_site, "node_modules", "vitepress", "package.json")), "npm ci was not run in site");
        Assert.SkipUnless(TryRun("node", ["--version"], out _), "there is no node");
        Assert.SkipUnless(TryRun("dotnet", ["docfx", "--version"], out _), "dotnet tool restore was not run in site");

        bool isBuilt = TryRun("node", ["build.mjs"], out string output);

        Assert.True(isBuilt, output);
        Assert.Matches(@"\d{3,} pages, \d+ of commands, 0 dead links", output);
        string dist = Path.Combine(s_site, ".vitepress", "dist");
        Assert.Contains(
            "AddressSpace", File.ReadAllText(Path.Combine(dist, "api", "MmuNotifier.AddressSpace.html")), StringComparison.Ordinal);
        Assert.Contains("--verify", File.ReadAllText(Path.Combine(dist, "cli", "mirror.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(dist, "start.html")));
    }

    private static bool TryRun(string program, string[] arguments, out string output)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = s_site,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["CONFIGURATION"] = configuration, ["DOTNET_NOLOGO"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" },
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            output = process.StandardOutput.ReadToEnd() + errors.Result;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            output = exception.Message;
            return false;
        }
    }
}
