using System.Globalization;

namespace MmuNotifier.Tests.Linearisability;

/// <summary>The first step of a find, which is atomic. Its range is not asked for: the notifier may have moved by then.</summary>
internal sealed class FindFirstOperation(AddressRange range) : Operation
{
    public override Prediction Predict(ModelSpace model)
    {
        List<ModelNotifier> meeting = [.. model.Meeting(range)];
        if (meeting.Count == 0)
            return new Prediction("none");
        IEnumerable<ModelNotifier> first = meeting.Where(notifier => notifier.Range.Start == meeting[0].Range.Start);
        return new Prediction([.. first.Select(notifier => Name(notifier.Id))]);
    }

    public override string ToString() => $"find first in {range}";

    protected override Observation Run(EngineSpace space)
    {
        foreach (FoundNotifier found in space.Space.Find(range))
            return new Observation(Name(((EngineNotifier)found.Notifier).Id));
        return new Observation("none");
    }

    private static string Name(int notifier) => notifier.ToString(CultureInfo.InvariantCulture);
}
