namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// The loop that every reference driver has: look the page up in the device's table under the driver lock and access it there; if it is
/// missing, fault it and look again.
/// </summary>
/// <remarks>
/// The access itself runs under the driver lock. A callback takes the lock before it forgets entries, so when it returns no access
/// continues through them: the lock stands for what is a TLB flush or a fence of real hardware. <see cref="UserPointerDriver"/> shows the
/// fences.
/// </remarks>
public abstract class ReferenceDriver : IReferenceDriver
{
    private protected ReferenceDriver(MirroredMemory memory, string lockName)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Memory = memory;
        Lock = new DriverLock(lockName);
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>The address space that the device reaches.</summary>
    public MirroredMemory Memory { get; }

    /// <summary>Guards the tables. Every callback takes it: nothing that waits for a callback may be called under it.</summary>
    private protected DriverLock Lock { get; }

    /// <inheritdoc/>
    public Errno Read(ulong address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int length = DeviceAccess.LengthInPage(address, destination.Length);
            Errno error = AccessPage(new DeviceAccess(address, destination[..length]));
            if (error != Errno.None)
                return error;
            destination = destination[length..];
            address += (ulong)length;
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public Errno Write(ulong address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int length = DeviceAccess.LengthInPage(address, source.Length);
            Errno error = AccessPage(new DeviceAccess(address, source[..length]));
            if (error != Errno.None)
                return error;
            source = source[length..];
            address += (ulong)length;
        }

        return Errno.None;
    }

    /// <summary>Detaches: removes the notifiers, waits for their callbacks, forgets all entries.</summary>
    public void Dispose()
    {
        Detach();
        GC.SuppressFinalize(this);
    }

    private protected abstract void Detach();

    /// <summary>Under the driver lock: the device has accessed the page.</summary>
    private protected virtual void NoteAccess(ulong page)
    {
    }

    /// <summary>Under the driver lock: the table that has the page's entry, or null.</summary>
    private protected abstract DeviceTable? FindTable(ulong page);

    /// <summary>Brings the page into the table (a device fault). Under no lock.</summary>
    /// <returns>None or Again: look again. Else the access fails.</returns>
    private protected abstract Errno Fault(in DeviceAccess access);

    private protected virtual Errno AccessPage(in DeviceAccess access)
    {
        RetryBudget budget = RetryBudget.Start();
        do
        {
            Errno error = AccessByTable(access);
            if (error != Errno.Again)
                return error;
            NamedStep.Note($"device faults on {access.PageRange}");
            error = Fault(access);
            if (error is not (Errno.None or Errno.Again))
                return error;
        }
        while (budget.AllowsAnother());
        return Errno.Busy;
    }

    /// <summary>One pass of a device fault on an interval notifier: read section, collect, lock, check, commit.</summary>
    /// <returns>None if it is committed; Again if it must start over.</returns>
    private protected Errno FaultPage(IntervalNotifier notifier, DeviceTable table, in DeviceAccess access)
    {
        HmmEntry entry = default;
        Errno error = Collect(notifier, access, ref entry, out ReadSection section);
        if (error != Errno.None)
            return error;
        using (Lock.Hold())
        {
            // From here to the commit no callback gets past the lock: one that was before made MustRetry true, one that comes finds the
            // entry.
            if (section.MustRetry)
                return Errno.Again;
            table.Set(access.Page, entry);
        }

        return Errno.None;
    }

    private protected Errno Collect(IntervalNotifier notifier, in DeviceAccess access, ref HmmEntry entry, out ReadSection section)
    {
        HmmRequest request = access.IsWrite ? HmmRequest.Fault | HmmRequest.Write : HmmRequest.Fault;
        Errno error = HmmRange.FaultUnlocked(Memory, notifier, access.PageRange, new Span<HmmEntry>(ref entry), request, out section);
        return error == Errno.Busy ? Errno.Again : error;
    }

    /// <summary>Why a section is not open. A removed notifier, or one that was cut, is looked for again.</summary>
    private protected static Errno ErrorOf(ReadStatus status) => status switch
    {
        ReadStatus.Exited => Errno.NoProcess,
        ReadStatus.Failed => Errno.InputOutput,
        _ => Errno.Again,
    };

    private Errno AccessByTable(in DeviceAccess access)
    {
        using (Lock.Hold())
        {
            DeviceTable? table = FindTable(access.Page);
            HmmEntry entry = table?.Get(access.Page) ?? HmmEntry.None;
            if (!access.IsAllowedBy(entry))
                return Errno.Again;
            Errno error = access.Run(Memory, entry);
            if (error == Errno.Again)
                table!.Forget(access.Page);
            else if (error == Errno.None)
                NoteAccess(access.Page);
            return error;
        }
    }
}
