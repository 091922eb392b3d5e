using MmuNotifier.Hmm;

namespace MmuNotifier.MemoryContract;

/// <summary>
/// What every <see cref="VirtualMemory"/> must do. A project of tests compiles these classes and derives one of each for its memory.
/// </summary>
public abstract class ContractTests : IDisposable
{
    protected const ulong Page = MirroredMemory.PageBytes;

    /// <summary>Where nothing is mapped, far from where Linux puts mappings of its own choice.</summary>
    protected const ulong At = 0x1000_0000_0000;

    /// <summary>As <see cref="At"/>.</summary>
    protected const ulong To = 0x1800_0000_0000;

    private readonly bool _announcesOnlyChanges;
    private readonly EventRecorder _recorder;

    /// <param name="memory">Empty; disposed with this.</param>
    /// <param name="announcesOnlyChanges">Whether just what changes is announced; else all that may change.</param>
    protected ContractTests(VirtualMemory memory, bool announcesOnlyChanges)
    {
        Memory = memory;
        _announcesOnlyChanges = announcesOnlyChanges;
        _recorder = new EventRecorder(memory.Space);
    }

    protected VirtualMemory Memory { get; }

    public virtual void Dispose()
    {
        Memory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Need(MemoryFeature feature)
    {
        string? lack = Memory.WhyUnsupported(feature);
        Assert.SkipUnless(lack is null, lack ?? "");
    }

    /// <summary>What was announced before does not count.</summary>
    protected void ForgetEvents() => _recorder.Take(0);

    /// <summary>
    /// Just these came since the last look; a memory that announces what may change: something that covers each, with its kind.
    /// </summary>
    /// <param name="relativeTo">Where page 0 is.</param>
    /// <param name="expected">Each as "Event first-page+pages".</param>
    protected void ExpectEvents(ulong relativeTo, params string[] expected)
    {
        string[] events = _recorder.Take(relativeTo);
        if (_announcesOnlyChanges)
            Assert.Equal(expected, events);
        else
            Assert.All(
                expected, one => Assert.True(events.Any(other => Covers(other, one)), $"{one} is not in: {string.Join(", ", events)}"));
    }

    private static bool Covers(string outer, string inner)
    {
        (string kind, long first, long count) = Parse(outer);
        (string wantedKind, long wantedFirst, long wantedCount) = Parse(inner);
        return kind == wantedKind && first <= wantedFirst && first + count >= wantedFirst + wantedCount;
    }

    private static (string Kind, long First, long Count) Parse(string text)
    {
        string[] parts = text.Split(' ', '+');
        return (parts[0], long.Parse(parts[1]), long.Parse(parts[2]));
    }
}
