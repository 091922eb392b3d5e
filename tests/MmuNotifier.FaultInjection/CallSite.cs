using System.Diagnostics;
using System.Reflection;

namespace MmuNotifier.FaultInjection;

/// <summary>
/// A place from which a system call is made: the call, and the methods that led to it, up to one that is not a thin wrapper.
/// </summary>
internal readonly record struct CallSite(string Call, string Chain)
{
    private const int MaxFrames = 5;

    private static readonly HashSet<string> s_layer = ["Syscall", "FaultInjection", "UringCalls", "Injector", "CallSite"];

    private static readonly HashSet<string> s_wrappers =
    [
        "UserfaultfdDescriptor", "DescriptorPoll", "ProcFile", "PageMap", "ProcessMaps", "ProcessMemory", "Tracee", "TargetMemory",
        "WakeDescriptor", "ProcessStatus", "Kcmp", "ProcessDescriptor", "OwnCalls", "OwnMappings", "TargetMappings", "Backoff",
    ];

    /// <summary>The method that the call is made from, as <see cref="CallSites"/> finds it in the code.</summary>
    internal string Caller => Chain.Split(" < ")[0];

    internal static CallSite Here(string call)
    {
        var chain = new List<string>();
        foreach (StackFrame frame in new StackTrace(1, fNeedFileInfo: false).GetFrames())
        {
            MethodBase? method = frame.GetMethod();
            string type = TypeOf(method);
            if (chain.Count == 0 && s_layer.Contains(type))
                continue;
            chain.Add($"{type}.{NameOf(method)}");
            if (!s_wrappers.Contains(type) || chain.Count == MaxFrames)
                break;
        }

        return new CallSite(call, string.Join(" < ", chain));
    }

    /// <summary>Without what the compiler makes of lambdas and iterators.</summary>
    internal static string TypeOf(MethodBase? method)
    {
        Type? type = method?.DeclaringType;
        while (type?.DeclaringType is { } outer && type.Name.StartsWith('<'))
            type = outer;
        string name = type?.Name ?? "?";
        int generic = name.IndexOf('`', StringComparison.Ordinal);
        return generic < 0 ? name : name[..generic];
    }

    internal static string NameOf(MethodBase? method)
    {
        string name = method?.Name ?? "?";
        string type = method?.DeclaringType?.Name ?? "";
        string source = name.StartsWith('<') ? name : type.StartsWith('<') ? type : "";
        int end = source.IndexOf('>', StringComparison.Ordinal);
        return end > 1 ? source[1..end] : name;
    }
}
