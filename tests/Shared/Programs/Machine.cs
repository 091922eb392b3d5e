namespace MmuNotifier.Tests.Shared;

/// <summary>What this machine has, and where the target programs are.</summary>
internal static class Machine
{
    internal static bool IsRoot => Environment.IsPrivilegedProcess;

    private static string Root { get; } = FindRoot();

    /// <summary>The system's own python: no shell script that only starts another one.</summary>
    internal static string Python
    {
        get
        {
            Assert.SkipUnless(File.Exists("/usr/bin/python3"), "there is no /usr/bin/python3");
            return "/usr/bin/python3";
        }
    }

    internal static string Script(string name) => Path.Combine(Root, "tests", "Targets", "Python", name);

    internal static string NativeSource(string name) => Path.Combine(Root, "tests", "Targets", "Native", name);

    internal static string JavaSource(string name) => Path.Combine(Root, "tests", "Targets", "Java", name);

    internal static string DeviceSource(string name) => Path.Combine(Root, "tests", "Targets", "Device", name);

    /// <summary>Where the sources of the preloaded library are.</summary>
    internal static string PreloadFolder => Path.Combine(Root, "src", "MmuNotifier.Tool", "Device", "Native");

    internal static string BusyCollector => Path.Combine(
        Root, "tests", "Targets", "BusyCollector", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0",
            "BusyCollector.dll");

    internal static string FaultInjection => Path.Combine(
        Root, "tests", "MmuNotifier.FaultInjection", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0",
            "MmuNotifier.FaultInjection.dll");

    internal static void Require(string program) => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))),
        $"there is no {program} in PATH");

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MmuNotifier.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests are not below the repository.");
    }
}
