using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>Runs mmun and targets as an ordinary user: as "nobody" where the tests run as root, from a folder that all may read.</summary>
internal sealed class OrdinaryUser : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-user").FullName;

    internal OrdinaryUser()
    {
        if (Machine.IsRoot)
            Machine.Require("setpriv");
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        OpenToAll();
    }

    private static string[] Prefix => Machine.IsRoot
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "env", "HOME=/tmp", "DOTNET_CLI_HOME=/tmp"]
        : [];

    internal Mmun Mmun(params string[] arguments) => new(Prefix, _folder, arguments);

    internal static RunningTarget Target(params string[] command) => new([.. Prefix, .. command]);

    /// <summary>A copy of a script that the user may read.</summary>
    internal string Script(string name)
    {
        string copy = Path.Combine(_folder, name);
        File.Copy(Machine.Script(name), copy);
        return copy;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Lets everybody read, write and list.</summary>
    [SuppressMessage("Interoperability", "CA1416", Justification = "Only Linux runs it.")]
    internal static void OpenToAll(string path) => File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);

    [SuppressMessage("Interoperability", "CA1416", Justification = "Only Linux runs it.")]
    private void OpenToAll() => File.SetUnixFileMode(
        _folder,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
}
