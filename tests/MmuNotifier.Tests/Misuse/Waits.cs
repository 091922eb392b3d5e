namespace MmuNotifier.Tests.Misuse;

/// <summary>Every call that waits, made where it would not: at a quiet notifier far from anything else.</summary>
internal sealed class Waits
{
    private readonly AddressSpace _space;
    private readonly TestNotifier _quiet = new();

    public Waits(AddressSpace space)
    {
        _space = space;
        space.Insert(_quiet, new AddressRange(1000, 1999));
    }

    public static string[] All { get; } =
    [
        "ReadBegin", "ReadBegin of a part", "ReadBeginAsync", "ReadBeginAsync of a part", "Remove", "RemoveAsync", "Synchronize",
            "SynchronizeAsync",
    ];

    public static string[] OfCallbacks { get; } = All[..6];

    public static TheoryData<string> Names { get; } = new(All);

    public void Call(string name)
    {
        var part = new AddressRange(1000, 1009);
        switch (name)
        {
            case "ReadBegin":
                Assert.False(_quiet.ReadBegin().MustRetry);
                break;
            case "ReadBegin of a part":
                Assert.False(_quiet.ReadBegin(part).MustRetry);
                break;
            case "ReadBeginAsync":
                Assert.True(_quiet.ReadBeginAsync().AsTask().IsCompletedSuccessfully);
                break;
            case "ReadBeginAsync of a part":
                Assert.True(_quiet.ReadBeginAsync(part).AsTask().IsCompletedSuccessfully);
                break;
            case "Remove":
                _quiet.Remove();
                break;
            case "RemoveAsync":
                Assert.True(_quiet.RemoveAsync().IsCompletedSuccessfully);
                break;
            case "Synchronize":
                _space.Synchronize();
                break;
            case "SynchronizeAsync":
                _ = _space.SynchronizeAsync();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(name), name, "Not a wait.");
        }
    }

    /// <summary>What may be called anywhere.</summary>
    public void CallEveryCallThatDoesNotWait()
    {
        Assert.Equal(ReadStatus.Open, _quiet.ReadBeginNoWait().Status);
        Assert.Equal(ReadStatus.Open, _quiet.ReadBeginNoWait(new AddressRange(1000, 1009)).Status);
        Assert.Equal(EditResult.Applied, _quiet.Move(new AddressRange(1000, 1999)));
        var other = new TestNotifier();
        _space.Insert(other, new AddressRange(2000, 2999));
        Assert.Equal(CutResult.KeptLeft, other.Cut(new AddressRange(2500, 2999), () => new TestNotifier()));
        foreach (FoundNotifier found in _space.Find(new AddressRange(2000, 2999)))
            Assert.True(found.RemoveDeferred());
    }

    public void AssertQuietIsUntouched() => Assert.Equal(NotifierState.Inserted, _quiet.State);
}
