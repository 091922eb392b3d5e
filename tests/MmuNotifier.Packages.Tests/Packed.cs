using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Text;

namespace MmuNotifier.Packages.Tests;

/// <summary>All packages, packed once into a folder of their own as they were built, and a place to restore them to.</summary>
public sealed class Packed : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(20);

    /// <summary>By the folder in src; the package of the tool has another name.</summary>
    private static readonly string[] s_projects =
    [
        "MmuNotifier", "MmuNotifier.Hmm", "MmuNotifier.Hmm.Drivers", "MmuNotifier.Simulation", "MmuNotifier.Linux", "MmuNotifier.Processes",
        "MmuNotifier.Registration", "MmuNotifier.Registration.DependencyInjection", "MmuNotifier.IoUring", "MmuNotifier.Caching",
        "MmuNotifier.Caching.Redis", "MmuNotifier.Tool",
    ];

    private readonly Lazy<string> _feed;

    public Packed()
    {
        Folder = Directory.CreateTempSubdirectory("mmun-packages").FullName;
        _feed = new(Pack);
    }

    private string Pack()
    {
        RequireCompiler();
        string feed = Path.Combine(Folder, "feed");
        foreach (string project in s_projects)
            Run("dotnet", Root, "pack", $"src/{project}", "--no-build", "-c", Configuration, "-o", feed, "-v", "quiet");

        // What this machine has already restored is not fetched again, and what is restored here stays here. Other sources are those of the
        // user.
        File.WriteAllText(Path.Combine(Folder, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="packed" value="{feed}" /></packageSources>
              <fallbackPackageFolders><add key="restored" value="{RestoredPackages()}" /></fallbackPackageFolders>
            </configuration>
            """);
        return feed;
    }

    public string Folder { get; }

    /// <summary>Nothing is packed without a C compiler: what needs a package is skipped then.</summary>
    public string Feed => _feed.Value;

    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string Version { get; } = Property("Version");

    public static string RepositoryUrl { get; } = Property("RepositoryUrl");

    private static void RequireCompiler() => Assert.SkipUnless(File.Exists("/usr/bin/cc"), "there is no C compiler (/usr/bin/cc)");

    public ZipArchive Open(string package) => ZipFile.OpenRead(Path.Combine(Feed, $"{package}.{Version}.nupkg"));

    /// <summary>The output of a program that must succeed.</summary>
    public string Run(string program, string folder, params string[] arguments)
    {
        (int exitCode, string text) = TryRun(program, folder, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}\n{text}");
        return text;
    }

    /// <summary>The exit code and the output of a program.</summary>
    public (int ExitCode, string Output) TryRun(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(Folder, "packages");
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        if (folder == Root)
            start.Environment.Remove("NUGET_PACKAGES"); // The repository was restored to where the user has it.
        using Process process = Process.Start(start)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(s_limit))
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        lock (output)
            return (process.ExitCode, output.ToString());

        void Append(string? line)
        {
            lock (output)
                output.AppendLine(line);
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static string Root { get; } = FindRoot();

    private static string Property(string name) => typeof(Packed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(each => each.Key == name).Value!;

    private static string RestoredPackages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MmuNotifier.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests are not below the repository.");
    }
}
