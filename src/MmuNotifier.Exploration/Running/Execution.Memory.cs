using MmuNotifier.Exploration.Model;

namespace MmuNotifier.Exploration.Running;

/// <summary>What an access does to memory and views; see the head of MemoryModel.cs.</summary>
internal sealed partial class Execution
{
    public Message Read(ControlledThread thread, Location location, bool isAcquire)
    {
        Step(thread);
        Meet(location);
        ThreadViews views = thread.Views;
        int newest = location.Newest;
        int oldest = Math.Max(views.Current[location.Number], newest - (Location.Depth - 1));
        int age = 0;
        if (oldest < newest)
        {
            age = _strategy.ChooseMessage(newest - oldest + 1);
            Choices.Add(age);
        }

        int time = newest - age;
        Message message = location.At(time);
        views.See(location.Number, time);
        if (message.Released is { } released)
        {
            if (isAcquire)
                views.Acquire(released);
            else
                views.Acquired.Join(released);
        }

        _trace?.AddRead(thread, location, message, isAcquire, age);
        return message;
    }

    public void Write(ControlledThread thread, Location location, long value, object? reference, bool isRelease)
    {
        Step(thread);
        Meet(location);
        ref Message message = ref location.Append(value, reference, _views);
        thread.Views.See(location.Number, location.Newest);
        message.Released!.CopyFrom(isRelease ? thread.Views.Current : thread.Views.Fenced);
        message.Released.Raise(location.Number, location.Newest);
        _trace?.AddWrite(thread, location, message, isRelease);
    }

    public long ReadModifyWrite(ControlledThread thread, Location location, long value, long? comparand, bool isFenced) =>
        ReadModifyWrite(thread, location, new Replacement(value, null, comparand is null, comparand ?? 0, null), isFenced).Value;

    public object? ReadModifyWrite(ControlledThread thread, Location location, object? reference, object? comparand, bool isFenced) =>
        ReadModifyWrite(thread, location, new Replacement(0, reference, IsUnconditional: false, 0, comparand), isFenced).Reference;

    private (long Value, object? Reference) ReadModifyWrite(
        ControlledThread thread, Location location, Replacement replacement, bool isFenced)
    {
        Step(thread);
        Meet(location);
        ThreadViews views = thread.Views;
        if (isFenced)
            views.Fence(_fences);
        Message read = location.NewestMessage;
        views.See(location.Number, location.Newest);
        if (read.Released is { } released)
        {
            if (isFenced)
                views.Acquire(released);
            else
                views.Acquired.Join(released);
        }

        (long Value, object? Reference) old = (read.Value, read.Reference);
        bool isWritten = replacement.Replaces(old.Value, old.Reference);
        if (isWritten)
        {
            // The message read stays readable: the one that is pushed out is three older.
            ref Message message = ref location.Append(replacement.Value, replacement.Reference, _views);
            views.See(location.Number, location.Newest);
            message.Released!.CopyFrom(isFenced ? views.Current : views.Fenced);
            if (read.Released is not null)
                message.Released.Join(read.Released);
            message.Released.Raise(location.Number, location.Newest);
        }

        if (isFenced)
            views.Fence(_fences);
        _trace?.AddReadModifyWrite(thread, location, old.Value, replacement.Value, replacement.Comparand, isWritten, isFenced);
        return old;
    }

    public void Fence(ControlledThread thread, bool isProcessWide)
    {
        Step(thread);
        thread.Views.Fence(_fences);
        if (isProcessWide)
        {
            foreach (ControlledThread other in _threads)
                other.Views.Fence(_fences);
            thread.Views.Fence(_fences);
        }

        _trace?.Add(thread, isProcessWide ? "process-wide fence" : "full fence");
    }

    /// <summary>A write of the host: what it has seen, the threads have when they start.</summary>
    public void WriteDirectly(Location location, long value, object? reference)
    {
        Meet(location);
        ref Message message = ref location.Append(value, reference, _views);
        message.Released!.Clear();
        message.Released.Raise(location.Number, location.Newest);
        _host.Views.See(location.Number, location.Newest);
    }

    private void Meet(Location location)
    {
        if (!location.BelongsTo(Number))
            location.StartAnew(Number, _locations++);
    }

    /// <summary>What a read-modify-write writes, and if what is there.</summary>
    private readonly record struct Replacement(
        long Value, object? Reference, bool IsUnconditional, long Comparand, object? ReferenceComparand)
    {
        public bool Replaces(long value, object? reference) =>
            IsUnconditional || (Comparand == value && ReferenceEquals(ReferenceComparand, reference));
    }
}
