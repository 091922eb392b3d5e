namespace MmuNotifier.Tests.Misuse;

/// <summary>Runs something inside each kind of user code that the engine calls, and says what it threw.</summary>
internal static class Contexts
{
    public static TheoryData<string> Names { get; } =
        new(["callback", "inherited callback", "second step", "whole-space start", "whole-space end", "Released", "CallbackFailed"]);

    public static Exception? RunInside(string context, AddressSpace space, Action action)
    {
        Exception? thrown = null;
        bool ran = false;
        Run(context, space, () =>
        {
            if (ran)
                return; // The action itself started an invalidation.
            ran = true;
            thrown = Record.Exception(action);
        });
        Assert.True(ran);
        return thrown;
    }

    private static void Run(string context, AddressSpace space, Action action)
    {
        var range = new AddressRange(0, 9);
        switch (context)
        {
            case "callback":
                Start(space, new CallingNotifier { OnCallback = action });
                break;
            case "second step":
                Start(space, new CallingNotifier { OnSecondStep = action });
                break;
            case "inherited callback":
                var heir = new CallingNotifier { OnCallback = action };
                Start(space, new CallingNotifier
                {
                    OnCallbackOf = notifier =>
                        _ = space.Apply(new NotifierBatch().Remove(notifier, range).Insert(heir, range)),
                });
                break;
            case "whole-space start":
                space.Insert(new CallingWholeSpaceNotifier { OnStart = action });
                space.StartInvalidation(range, InvalidationEvent.Clear).Dispose();
                break;
            case "whole-space end":
                space.Insert(new CallingWholeSpaceNotifier { OnEnd = action });
                space.StartInvalidation(range, InvalidationEvent.Clear).Dispose();
                break;
            case "Released":
                var released = new TestNotifier { OnReleased = action };
                space.Insert(released, range);
                released.RemoveDeferred();
                Assert.True(released.ReleasedEvent.Wait(TestNotifier.Limit));
                break;
            case "CallbackFailed":
                space.CallbackFailed += (_, _) => action();
                space.Insert(new CallingNotifier { OnCallback = () => throw new InvalidDataException("mine") }, range);
                space.Invalidate(range, InvalidationEvent.Clear);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(context), context, "Not a context.");
        }
    }

    private static void Start(AddressSpace space, CallingNotifier notifier)
    {
        var range = new AddressRange(0, 9);
        space.Insert(notifier, range);
        space.StartInvalidation(range, InvalidationEvent.Clear).Dispose();
        notifier.RemoveDeferred();
    }
}
