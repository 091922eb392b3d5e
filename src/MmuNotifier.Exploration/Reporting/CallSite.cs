using System.Diagnostics;

namespace MmuNotifier.Exploration.Reporting;

/// <summary>Who called a primitive.</summary>
internal static class CallSite
{
    private static readonly string s_explorer = typeof(CallSite).Namespace![..typeof(CallSite).Namespace!.LastIndexOf('.')];

    /// <summary>Those of them that are in the namespace of what is explored: full names.</summary>
    private static readonly string[] s_primitives =
    [
        .. new[]
        {
            typeof(AtomicInt64), typeof(Fence), typeof(EngineLock), typeof(WaitMonitor), typeof(WaitMonitor.Scope), typeof(LockScope),
            typeof(BackgroundThread),
        }.Select(type => type.FullName!),
    ];

    /// <summary>The innermost method on the stack that is neither of the explorer nor a primitive. </summary>
    /// <remarks>Hot code is inlined and shows as its caller; a replay in a process of its own is exact.</remarks>
    public static string Find()
    {
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            var method = DiagnosticMethodInfo.Create(frame);
            if (method?.DeclaringTypeName is not { } type || IsOfTheExplorer(type))
                continue;
            string place = frame.GetFileName() is { } file
                ? $"{Path.GetFileName(file)}:{frame.GetFileLineNumber()}" : type[(type.LastIndexOfAny(['.', '+']) + 1)..];
            return $"{method.Name} {place}";
        }

        return "";
    }

    /// <param name="type">The full name of a type.</param>
    private static bool IsOfTheExplorer(string type)
    {
        string outermost = type.Split('+')[0];
        int dot = outermost.LastIndexOf('.');
        string space = dot < 0 ? "" : outermost[..dot];
        if (space == s_explorer)
            return type == typeof(Explore).FullName;
        if (space.StartsWith(s_explorer, StringComparison.Ordinal))
            return !space.StartsWith(s_explorer + ".Scenarios", StringComparison.Ordinal)
                && !space.StartsWith(s_explorer + ".Tests", StringComparison.Ordinal);
        return s_primitives.Contains(type)
            || outermost[(dot + 1)..].StartsWith("AtomicReference", StringComparison.Ordinal)
            || space.StartsWith("System", StringComparison.Ordinal);
    }
}
