namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// A buffer of user memory as amdgpu has it (userptr): the notifier lives as long as the buffer; jobs of the device run by themselves,
/// under no lock, and end with a fence. See docs/drivers/user-pointer.md.
/// </summary>
/// <remarks>
/// The driver lock is amdgpu's <c>notifier_lock</c>. A submission validates the pages that it uses, and under the lock, after the retry
/// check, publishes its fence; then the job runs. The callback marks the pages invalid under the lock and asks the device to end its jobs;
/// it waits for their fences in a second pass. By then every device has been asked, so they end at the same time: an invalidation takes as
/// long as the slowest device, not as long as all of them together. An invalidation that overlaps one whose second pass is still to come
/// waits in its first.
/// </remarks>
public sealed class UserPointerDriver : ReferenceDriver
{
    private readonly DeviceTable _validPages = new();
    private readonly List<DeviceFence> _running = [];
    private readonly FenceWait _secondPass;
    private readonly UserPointerNotifier _notifier;
    private readonly AddressRange _buffer;

    /// <summary>Makes a buffer of user memory that the device may use.</summary>
    /// <param name="memory">The address space.</param>
    /// <param name="buffer">Whole pages; the device can access nothing outside.</param>
    /// <exception cref="AddressSpaceExitedException">The address space has gone.</exception>
    public UserPointerDriver(MirroredMemory memory, AddressRange buffer)
        : base(memory, "notifier lock")
    {
        _buffer = buffer;
        _secondPass = new FenceWait(this);
        _notifier = new UserPointerNotifier(this);
        memory.Space.Insert(_notifier, buffer);
    }

    /// <inheritdoc/>
    public override string Name => "userptr";

    /// <summary>For tests: runs while a job runs, before it touches its page.</summary>
    internal Action? JobStarted { get; set; }

    /// <summary>For tests: runs when the device is asked to end a job that was submitted after this was set.</summary>
    internal Action? EndAsked { get; set; }

    /// <summary>For tests: whether a callback is between its passes.</summary>
    internal bool HasSecondPass
    {
        get
        {
            using (Lock.Hold())
                return _secondPass.Fences is not null;
        }
    }

    /// <summary>The callback's first pass.</summary>
    internal InvalidateResult Invalidate(in Invalidation invalidation)
    {
        if (!invalidation.IsBlockable)
            return InvalidateResult.WouldBlock;
        DeviceFence[] fences;
        bool hasSecondPass;
        using (Lock.Hold())
        {
            _validPages.Forget(invalidation.Overlap);
            fences = [.. _running];
            hasSecondPass = fences.Length > 0 && _secondPass.Fences is null;
            if (hasSecondPass)
                _secondPass.Fences = fences;
        }

        foreach (DeviceFence fence in fences)
            fence.AskToEnd();
        if (hasSecondPass)
            return InvalidateResult.FinishWith(_secondPass);
        FenceWait.WaitFor(fences);
        return InvalidateResult.Done;
    }

    /// <summary>The callback's second pass.</summary>
    internal void FinishInvalidation(FenceWait secondPass)
    {
        try
        {
            FenceWait.WaitFor(secondPass.Fences!);
        }
        finally
        {
            using (Lock.Hold())
                secondPass.Fences = null;
        }
    }

    private protected override DeviceTable FindTable(ulong page) => _validPages;

    private protected override Errno Fault(in DeviceAccess access) =>
        throw new InvalidOperationException("Submissions validate by themselves.");

    /// <summary>
    /// A submission (<c>amdgpu_cs_ioctl</c>): validate, lock, check, publish the fence; then the job runs, and its fence signals.
    /// </summary>
    private protected override Errno AccessPage(in DeviceAccess access)
    {
        if (!_buffer.Contains(access.Page))
            return Errno.BadAddress;
        RetryBudget budget = RetryBudget.Start();
        do
        {
            Errno error = TrySubmit(access);
            if (error != Errno.Again)
                return error;
        }
        while (budget.AllowsAnother());
        return Errno.Busy;
    }

    private protected override void Detach()
    {
        _notifier.Remove();
        using (Lock.Hold())
            _validPages.Clear();
    }

    private Errno TrySubmit(in DeviceAccess access)
    {
        ReadSection section = _notifier.ReadBegin(access.PageRange);
        if (section.Status != ReadStatus.Open)
            return ErrorOf(section.Status);
        HmmEntry entry;
        using (Lock.Hold())
            entry = _validPages.Get(access.Page);
        if (!access.IsAllowedBy(entry))
        {
            Errno error = Collect(_notifier, access, ref entry, out section);
            if (error != Errno.None)
                return error;
        }

        var fence = new DeviceFence(EndAsked);
        using (Lock.Hold())
        {
            if (section.MustRetry)
                return Errno.Again;
            _validPages.Set(access.Page, entry);
            _running.Add(fence);
        }

        return RunJob(access, entry, fence);
    }

    // The device at work, under no lock. The thread that invalidates the page waits for the fence.
    private Errno RunJob(in DeviceAccess access, HmmEntry entry, DeviceFence fence)
    {
        try
        {
            JobStarted?.Invoke();
            SchedulingPoint.Mark();
            Errno error = access.Run(Memory, entry);
            if (error == Errno.Again)
            {
                using (Lock.Hold())
                    _validPages.Forget(access.Page);
            }

            return error;
        }
        finally
        {
            using (Lock.Hold())
                _running.Remove(fence);
            fence.Signal();
        }
    }
}
