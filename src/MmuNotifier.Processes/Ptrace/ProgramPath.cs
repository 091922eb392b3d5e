using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Finds a program as a shell does.</summary>
internal static class ProgramPath
{
    private const int MayExecute = 1;

    /// <summary>Gives a path with a slash in it, or throws.</summary>
    internal static string Resolve(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            if (Directory.Exists(program))
                throw new ProcessAttachException($"{program} is a directory, not a program: give the program's own path.");
            if (!File.Exists(program))
                throw new ProcessAttachException($"There is no program {program}: check the path.");
            return IsExecutable(program)
                ? program
                : throw new ProcessAttachException($"{program} may not be executed: chmod +x it, or launch its interpreter.");
        }

        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':'))
        {
            string candidate = folder.Length == 0 ? "./" + program : folder + "/" + program;
            if (program.Length > 0 && IsExecutable(candidate))
                return candidate;
        }

        throw new ProcessAttachException($"There is no program \"{program}\" in PATH: give its full path.");
    }

    /// <summary>Whether there is a file or a folder of that name where <see cref="Resolve"/> looks for it.</summary>
    internal static bool Exists(string program) => program.Contains('/', StringComparison.Ordinal)
        ? Path.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':').Any(
            folder => program.Length > 0 && File.Exists(folder.Length == 0 ? "./" + program : folder + "/" + program));

    /// <summary>Whether <see cref="Resolve"/> finds it.</summary>
    internal static bool CanResolve(string program)
    {
        try
        {
            Resolve(program);
            return true;
        }
        catch (ProcessAttachException)
        {
            return false;
        }
    }

    private static bool IsExecutable(string path) => File.Exists(path) && Syscall.Access(path, MayExecute) == Errno.None;
}
