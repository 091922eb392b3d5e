namespace MmuNotifier.Tests.Linearisability;

/// <summary>
/// An address space as plain lists, one step after the other: the order in which a permutation of the operations takes effect.
/// </summary>
internal sealed class ModelSpace(int notifiers)
{
    private readonly List<ModelSection> _sections = [];
    private long _latestBegin;

    public List<ModelNotifier> Notifiers { get; } = [.. Enumerable.Range(0, notifiers).Select(id => new ModelNotifier(id))];

    public Dictionary<int, AddressRange> Active { get; } = [];

    public Dictionary<int, ModelSection> Sections { get; } = [];

    public List<HistoryEntry> History { get; } = [];

    public bool HasExited { get; private set; }

    /// <summary>
    /// Whether an operation came behind one that began only after it had ended. CsCheck keeps the order of each thread; this is the order
    /// of time, which makes it linearisability. No need to continue then.
    /// </summary>
    public bool IsAgainstTime { get; private set; }

    public void Run(Operation operation)
    {
        IsAgainstTime |= operation.Ended < _latestBegin;
        _latestBegin = Math.Max(_latestBegin, operation.Began);
        if (!IsAgainstTime)
            History.Add(new HistoryEntry(operation, operation.Predict(this)));
    }

    /// <summary>Does what leads to the initial state.</summary>
    public void Prepare(Operation operation) => operation.Predict(this);

    public IEnumerable<ModelNotifier> Meeting(AddressRange range) =>
        Notifiers.Where(notifier => notifier.Meets(range)).OrderBy(notifier => notifier.Range.Start);

    public static void Insert(ModelNotifier notifier, AddressRange range)
    {
        notifier.State = NotifierState.Inserted;
        notifier.Range = range;
    }

    public void Move(ModelNotifier notifier, AddressRange range)
    {
        notifier.Range = range;
        NoteEdit(notifier);
    }

    public void Remove(ModelNotifier notifier)
    {
        notifier.State = NotifierState.Released;
        NoteEdit(notifier);
    }

    /// <returns>Who is called, over which overlap.</returns>
    public List<(Call Call, ulong Start)> Start(AddressRange range)
    {
        List<(Call Call, ulong Start)> calls = [];
        foreach (ModelNotifier notifier in Meeting(range))
        {
            calls.Add((new Call(notifier.Id, notifier.Range.Intersect(range)), notifier.Range.Start));
            foreach (ModelSection section in _sections.Where(section => section.Notifier == notifier))
                section.NoteInvalidation(range);
        }

        return calls;
    }

    public List<(Call Call, ulong Start)> Exit()
    {
        HasExited = true;
        List<(Call Call, ulong Start)> calls = Start(AddressRange.Whole);
        foreach (ModelNotifier notifier in Notifiers.Where(notifier => notifier.IsInserted))
        {
            notifier.IsExited = true;
            NoteEdit(notifier);
        }

        return calls;
    }

    public (ReadStatus Status, ModelSection Section) Begin(ModelNotifier notifier, AddressRange? part)
    {
        ReadStatus status = StatusOf(notifier, part);
        var section = new ModelSection(notifier, part, status != ReadStatus.Open);
        _sections.Add(section);
        return (status, section);
    }

    private ReadStatus StatusOf(ModelNotifier notifier, AddressRange? part)
    {
        if (!notifier.IsInserted)
            return ReadStatus.Removed;
        if (notifier.IsExited)
            return ReadStatus.Exited;
        if (part is { } inside && !notifier.Range.Contains(inside))
            return ReadStatus.OutOfRange;
        AddressRange needed = part ?? notifier.Range;
        return Active.Values.Any(active => active.Overlaps(needed)) ? ReadStatus.Invalidating : ReadStatus.Open;
    }

    private void NoteEdit(ModelNotifier notifier)
    {
        foreach (ModelSection section in _sections.Where(section => section.Notifier == notifier))
            section.NoteEdit();
    }

    public override string ToString() => string.Join("\n    ", History);
}
