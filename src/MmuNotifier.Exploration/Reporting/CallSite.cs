using System.Diagnostics;
using System.Reflection;

namespace MmuNotifier.Exploration.Reporting;

/// <summary>Who called a primitive.</summary>
internal static class CallSite
{
    private static readonly string s_explorer = typeof(CallSite).Namespace![..typeof(CallSite).Namespace!.LastIndexOf('.')];

    /// <summary>The innermost method on the stack that is neither of the explorer nor a primitive. </summary>
    /// <remarks>Hot code is inlined and shows as its caller; a replay in a process of its own is exact.</remarks>
    public static string Find()
    {
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            MethodBase? method = frame.GetMethod();
            if (method?.DeclaringType is not { } type || IsOfTheExplorer(type))
                continue;
            string place = frame.GetFileName() is { } file ? $"{Path.GetFileName(file)}:{frame.GetFileLineNumber()}" : type.Name;
            return $"{method.Name} {place}";
        }

        return "";
    }

    private static bool IsOfTheExplorer(Type type)
    {
        string space = type.Namespace ?? "";
        if (space == s_explorer)
            return type == typeof(Explore);
        if (space.StartsWith(s_explorer, StringComparison.Ordinal))
            return !space.StartsWith(s_explorer + ".Scenarios", StringComparison.Ordinal)
                && !space.StartsWith(s_explorer + ".Tests", StringComparison.Ordinal);
        return type == typeof(AtomicInt64) || type == typeof(Fence) || type == typeof(EngineLock) || type == typeof(WaitMonitor)
            || type == typeof(WaitMonitor.Scope) || type == typeof(LockScope) || type == typeof(BackgroundThread)
            || type.Name.StartsWith("AtomicReference", StringComparison.Ordinal)
            || space.StartsWith("System", StringComparison.Ordinal);
    }
}
