using System.Reflection;

namespace MmuNotifier.Tests.Contract;

/// <summary>
/// Notifiers that override everything there is to override; and each override waits until another thread has made an edit in the same
/// space. So one that is called under the engine lock never returns.
/// </summary>
public class UserCodeUnderTheLockTests
{
    private static readonly AddressRange s_range = new(0, 99);

    private readonly AddressSpace _space = new();
    private readonly BlockingOwner _owner;

    public UserCodeUnderTheLockTests()
    {
        _owner = new BlockingOwner(_space);
    }

    public static TheoryData<Type> Types { get; } = new(typeof(BlockingNotifier), typeof(BlockingWholeSpaceNotifier));

    [Theory]
    [MemberData(nameof(Types))]
    public void The_notifiers_of_this_test_override_everything(Type type)
    {
        IEnumerable<string> overridable = type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(method => method is { IsVirtual: true, IsFinal: false } && !method.IsAssembly && !method.IsFamilyAndAssembly)
            .Where(method => method.Name != "Finalize")
            .Where(method => method.DeclaringType != type)
            .Select(method => method.Name);
        Assert.Empty(overridable);
    }

    [Fact]
    public void Every_operation_returns_although_every_override_waits_for_an_edit_elsewhere() => Bounded(() =>
    {
        BlockingNotifier notifier = Insert(s_range);
        var beside = new BlockingWholeSpaceNotifier(_space);
        _space.Insert(new BlockingWholeSpaceNotifier(_space));
        _space.Insert(beside);
        _space.Insert(new BlockingWholeSpaceNotifier(_space));
        foreach (InvalidationEvent each in new[] { InvalidationEvent.Unmap, InvalidationEvent.Migrate })
        {
            _space.StartInvalidation(s_range, each, _owner).Dispose();
            Assert.True(_space.TryStartInvalidation(s_range, each, out InvalidationScope scope, _owner));
            scope.Dispose();
            _space.Invalidate(s_range, each, _owner);
        }

        Assert.False(_space.TestYoung(s_range) || _space.ClearYoung(s_range));
        using (_space.StartInvalidation(s_range, InvalidationEvent.Clear))
        {
            beside.RemoveDeferred();
            _space.Insert(new BlockingWholeSpaceNotifier(_space));
        }

        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
            _ = found.Move(found.Range);
        Assert.Equal(CutResult.Split, notifier.Cut(new AddressRange(10, 19), () => new BlockingNotifier(_space, _owner)));
        BlockingNotifier other = Insert(new AddressRange(200, 299));
        Assert.Equal(EditResult.Applied, _space.Apply(new NotifierBatch()
            .Remove(other, new AddressRange(200, 299))
            .Insert(new BlockingNotifier(_space, _owner), new AddressRange(200, 249))));
        notifier.Remove();
        beside.Remove();
        _space.Synchronize();
        _space.Exit();
    });

    [Fact]
    public void Every_refusal_is_told_without_user_code() => Bounded(() =>
    {
        BlockingNotifier notifier = Insert(s_range);
        var wholeSpace = new BlockingWholeSpaceNotifier(_space);
        _space.Insert(wholeSpace);
        var elsewhere = new AddressSpace();
        Assert.Throws<InvalidOperationException>(() => _space.Insert(notifier, s_range));
        Assert.Throws<InvalidOperationException>(() => elsewhere.Insert(notifier, s_range));
        Assert.Throws<InvalidOperationException>(() => _space.Insert(wholeSpace));
        Assert.Throws<InvalidOperationException>(() => elsewhere.Insert(wholeSpace));
        Assert.Throws<InvalidOperationException>(() => _space.Apply(new NotifierBatch().Insert(notifier, s_range)));
        Assert.Throws<InvalidOperationException>(() => elsewhere.Apply(new NotifierBatch().Remove(notifier, s_range)));
        Assert.Throws<ArgumentException>(() => new NotifierBatch().Remove(notifier, s_range).Remove(notifier, s_range));
        Assert.Throws<InvalidOperationException>(() => notifier.Cut(new AddressRange(10, 19), () => notifier));
    });

    [Fact]
    public void Failures_of_callbacks_are_told_without_user_code_under_the_lock() => Bounded(() =>
    {
        BlockingNotifier notifier = Insert(s_range);
        notifier.Answer = InvalidateResult.WouldBlock;
        Assert.Throws<InvalidationFailedException>(() => _space.StartInvalidation(s_range, InvalidationEvent.Unmap));
        Assert.False(_space.TryStartInvalidation(s_range, InvalidationEvent.Unmap, out InvalidationScope refused));
        refused.Dispose();
        _space.Invalidate(s_range, InvalidationEvent.Unmap);
        Assert.Equal(ReadStatus.Failed, notifier.ReadBegin().Status);
    });

    private BlockingNotifier Insert(AddressRange range)
    {
        var notifier = new BlockingNotifier(_space, _owner);
        _space.Insert(notifier, range);
        return notifier;
    }

    /// <summary>On a thread of its own, which is left behind if it hangs.</summary>
    private static void Bounded(Action action)
    {
        Task run = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!run.Wait(Patience.Limit, CancellationToken.None))
            Assert.Fail("An override is called under the engine lock.");
    }

    /// <summary>Another thread edits the space, and this one waits for that.</summary>
    private static void WaitForAnEdit(AddressSpace space)
    {
        var editor = new Thread(() =>
        {
            var passing = new PassingNotifier();
            if (space.TryInsert(passing, new AddressRange(1 << 20, 1 << 21)))
                passing.RemoveDeferred();
        })
        {
            IsBackground = true,
        };
        editor.Start();
        editor.Join();
    }

    private sealed class PassingNotifier : IntervalNotifier
    {
        protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;
    }

#pragma warning disable CA1065, S3877 // Overrides that block are the point.
    private sealed class BlockingOwner(AddressSpace space)
    {
        public override bool Equals(object? obj)
        {
            WaitForAnEdit(space);
            return ReferenceEquals(this, obj);
        }

        public override int GetHashCode()
        {
            WaitForAnEdit(space);
            return 0;
        }

        public override string ToString()
        {
            WaitForAnEdit(space);
            return "owner";
        }
    }

    private sealed class BlockingNotifier(AddressSpace space, object owner) : IntervalNotifier(owner), ISecondStep
    {
        public InvalidateResult? Answer { get; set; }

        public void Finish(in Invalidation invalidation) => WaitForAnEdit(space);

        public override bool Equals(object? obj)
        {
            WaitForAnEdit(space);
            return ReferenceEquals(this, obj);
        }

        public override int GetHashCode()
        {
            WaitForAnEdit(space);
            return 0;
        }

        public override string ToString()
        {
            WaitForAnEdit(space);
            return "notifier";
        }

        protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            WaitForAnEdit(space);
            return Answer ?? InvalidateResult.FinishWith(this);
        }

        protected override void Released() => WaitForAnEdit(space);
    }

    private sealed class BlockingWholeSpaceNotifier(AddressSpace space) : WholeSpaceNotifier
    {
        public override bool Equals(object? obj)
        {
            WaitForAnEdit(space);
            return ReferenceEquals(this, obj);
        }

        public override int GetHashCode()
        {
            WaitForAnEdit(space);
            return 0;
        }

        public override string ToString()
        {
            WaitForAnEdit(space);
            return "whole-space notifier";
        }

        protected internal override bool InvalidateStart(in Invalidation invalidation)
        {
            WaitForAnEdit(space);
            return true;
        }

        protected internal override void InvalidateEnd(in Invalidation invalidation) => WaitForAnEdit(space);

        protected internal override bool TestYoung(AddressRange range)
        {
            WaitForAnEdit(space);
            return false;
        }

        protected internal override bool ClearYoung(AddressRange range)
        {
            WaitForAnEdit(space);
            return false;
        }

        protected override void Released() => WaitForAnEdit(space);
    }
#pragma warning restore CA1065, S3877
}
