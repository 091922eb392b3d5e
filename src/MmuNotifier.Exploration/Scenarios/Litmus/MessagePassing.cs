namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>MP: data, then a flag. Who sees the flag sees the data, if the flag is written with release and read with acquire.</summary>
/// <param name="isReleaseWeakened">Which side the defect takes away: the writer's or the reader's.</param>
internal sealed class MessagePassing(bool isReleaseWeakened) : Scenario
{
    private AtomicInt64 _data;
    private AtomicReference<string> _flag;

    public override string Name => isReleaseWeakened ? "MessagePassingRelease" : "MessagePassingAcquire";

    protected override IEnumerable<Action> Setup() => [Send, Receive];

    private void Send()
    {
        _data.WriteRelaxed(1);
        _flag.Write("ready", relaxedBy: isReleaseWeakened ? LitmusDefects.Weakened : SeededDefect.None);
    }

    private void Receive()
    {
        if (_flag.Read(relaxedBy: isReleaseWeakened ? SeededDefect.None : LitmusDefects.Weakened) is not null)
            Explore.Assert(_data.ReadRelaxed() == 1, "the flag without the data");
    }
}
