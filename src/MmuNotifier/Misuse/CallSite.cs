using System.Diagnostics;

namespace MmuNotifier;

/// <summary>A place in the source of the user.</summary>
internal readonly record struct CallSite(string Text)
{
    /// <summary>The place that a compiler filled in.</summary>
    public static CallSite Of(string file, int line, string member) => new($"{file}:{line}, in {member}");

    /// <summary>The innermost caller outside of the engine. Looks through the stack: for what is noted once.</summary>
    public static CallSite OfCaller()
    {
        string? engine = typeof(CallSite).Assembly.FullName;
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is not { } method || method.DeclaringAssemblyName == engine)
                continue;
            string member = $"{method.DeclaringTypeName}.{method.Name}";
            return frame.GetFileName() is { } file ? Of(file, frame.GetFileLineNumber(), member) : new CallSite(member);
        }

        return new CallSite("an unknown place");
    }

    public override string ToString() => Text;
}
