namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>
/// A registration that knows which version of each page it is of and who uses it, and checks that it is released once.
/// </summary>
internal sealed class ModelRegistration(long[] versions)
{
    private readonly List<Trace> _traces = [];
    private int _users;

    public long[] Versions { get; } = versions;

    public bool IsReleased { get; private set; }

    /// <summary>What a holder does: it leaves a trace without order, as a device would.</summary>
    public void Use()
    {
        Explore.Assert(!IsReleased, "a registration is given out or used although it is released");
        _users++;
        var trace = new Trace();
        _traces.Add(trace);
        trace.Word.WriteRelaxed(1);
        Explore.Assert(!IsReleased, "a registration is released in use");
        _users--;
    }

    /// <summary>Who releases must have seen what the holders did.</summary>
    public void Release()
    {
        Explore.Assert(!IsReleased, "a registration is released twice");
        Explore.Assert(_users == 0, "a registration is released in use");
        IsReleased = true;
        foreach (Trace trace in _traces)
            Explore.Assert(trace.Word.ReadRelaxed() == 1, "the thread that releases does not see what a holder did");
    }

    private sealed class Trace
    {
        public AtomicInt64 Word;
    }
}
