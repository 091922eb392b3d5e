using System.Globalization;
using MmuNotifier.Exploration.Model;
using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Reporting;

/// <summary>Records the last steps of an execution, for people. Only replays have one: it looks at the stack at every step.</summary>
internal sealed class Trace(int firstStep)
{
    /// <summary>Steps that are shown.</summary>
    public const int MaxSteps = 200;

    private readonly List<TraceStep> _steps = [];
    private readonly List<TraceStep> _afterwards = [];
    private readonly List<string> _threads = [];
    private readonly Dictionary<object, string> _names = new(ReferenceEqualityComparer.Instance);

    public void Add(ControlledThread thread, string what) => Add(thread, what, isNamed: false);

    private void Add(ControlledThread thread, string what, bool isNamed)
    {
        if (thread.IsHost)
        {
            if (isNamed)
                _afterwards.Add(new TraceStep(0, what, "", isNamed));
            return;
        }

        while (_threads.Count <= thread.Number)
            _threads.Add("");
        _threads[thread.Number] = thread.Name;
        if (isNamed || thread.Execution.Steps >= firstStep)
            _steps.Add(new TraceStep(thread.Number, what, isNamed ? "" : CallSite.Find(), isNamed));
    }

    /// <summary>A step that the code names, with the place only where every access has one.</summary>
    public void AddNote(ControlledThread thread, string what) => Add(thread, what, isNamed: true);

    public void AddRead(ControlledThread thread, Location location, in Message message, bool isAcquire, int age)
    {
        string stale = age == 0 ? "" : $" STALE by {age}, newest {Value(location.NewestMessage)}";
        Add(thread, $"{(isAcquire ? "read" : "read relaxed")} #{location.Number}: {Value(message)}{stale}");
    }

    public void AddWrite(ControlledThread thread, Location location, in Message message, bool isRelease) =>
        Add(thread, $"{(isRelease ? "write" : "write relaxed")} #{location.Number} := {Value(message)}");

    public void AddReadModifyWrite(
        ControlledThread thread, Location location, long old, long value, long? comparand, bool isWritten, bool isFenced)
    {
        string relaxed = isFenced ? "" : " relaxed";
        string kind = comparand is null ? $"exchange{relaxed}" : $"compare-exchange{relaxed}";
        string outcome = isWritten ? $"{Value(old)} → {Value(value)}" : $"{Value(old)} is not {Value(comparand!.Value)}";
        Add(thread, $"{kind} #{location.Number}: {outcome}");
    }

    public string Draw() => Timeline.Draw(_threads, _steps);

    /// <summary>Only the steps that the code names.</summary>
    public string DrawNamed()
    {
        IEnumerable<TraceStep> named = _steps.Where(step => step.IsNamed);
        return _afterwards.Count == 0
            ? Timeline.DrawNamed(_threads, [.. named])
            : Timeline.DrawNamed(
                [.. _threads, "afterwards"], [.. named, .. _afterwards.Select(step => step with { Thread = _threads.Count })]);
    }

    private string Value(in Message message) => message.Reference is null ? Value(message.Value) : NameOf(message.Reference);

    private static string Value(long value) => value is > -1_000_000 and < 1_000_000
        ? value.ToString(CultureInfo.InvariantCulture)
        : "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    private string NameOf(object reference)
    {
        if (!_names.TryGetValue(reference, out string? name))
            _names[reference] = name = $"{reference.GetType().Name}-{_names.Count + 1}";
        return name;
    }
}
