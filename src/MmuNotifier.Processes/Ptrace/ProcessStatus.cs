using System.Globalization;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Processes.Ptrace;

/// <summary>What <c>/proc/PID/status</c> tells of a process or a thread.</summary>
internal sealed class ProcessStatus
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    private ProcessStatus(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                _fields[line[..colon]] = line[(colon + 1)..].Trim();
        }
    }

    internal string Name => _fields.GetValueOrDefault("Name", "?");

    /// <summary>One letter: R, S, D, T (stopped), t (traced), Z, X.</summary>
    internal char State => _fields.GetValueOrDefault("State", "?")[0];

    internal bool IsDead => State is 'Z' or 'X' or 'x';

    internal int ParentId => Number("PPid");

    internal int TracerId => Number("TracerPid");

    /// <summary>The group of threads this id belongs to.</summary>
    internal int ProcessId => Number("Tgid");

    internal int RealUserId => int.Parse(_fields["Uid"].Split('\t')[0], CultureInfo.InvariantCulture);

    internal ulong EffectiveCapabilities => ulong.Parse(_fields["CapEff"], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>0 none, 1 strict, 2 filter.</summary>
    internal int SeccompMode => Number("Seccomp");

    internal bool HasShadowStack => _fields.GetValueOrDefault("x86_Thread_features", "").Contains("shstk", StringComparison.Ordinal);

    /// <summary>A thread of the kernel has no memory of its own; kernels from 6.4 on also say so.</summary>
    internal bool IsKernelThread => _fields.TryGetValue("Kthread", out string? flag) ? flag == "1" : !IsDead && !_fields.ContainsKey("VmSize");

    /// <summary>Null when there is no such process any more.</summary>
    internal static ProcessStatus? Read(int processId) => ReadFile($"/proc/{processId}/status");

    internal static ProcessStatus? ReadThread(int processId, int threadId) => ReadFile($"/proc/{processId}/task/{threadId}/status");

    private static ProcessStatus? ReadFile(string path)
    {
        try
        {
            ProcessStatus status = new(Syscall.ReadText(path));
            return status._fields.ContainsKey("State") ? status : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private int Number(string field) =>
        _fields.TryGetValue(field, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
}
