namespace MmuNotifier.Tests.Linearisability;

/// <summary>An operation that is run on one engine after the other.</summary>
internal sealed class LaneOperation(Operation operation)
{
    private readonly Operation[] _copies = [.. Enumerable.Range(0, Lanes.Count).Select(_ => operation.Copy())];

    public Operation this[int lane] => _copies[lane];

    public void RunOn(Lanes lanes)
    {
        for (int lane = 0; lane < Lanes.Count; lane++)
            lanes.Run(_copies[lane], lane);
    }

    public override string ToString() => operation.ToString()!;
}
