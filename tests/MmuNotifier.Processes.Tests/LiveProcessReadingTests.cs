using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests;

[Collection(PtraceGroup.Name)]
public sealed class LiveProcessReadingTests
{
    [Fact]
    public void Memory_is_read_as_it_is_also_what_was_mapped_since_the_last_refresh()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        using LiveProcess process = LiveProcessTests.Attach(child);
        ulong address = child.Address("anon(8192)");
        child.Call($"fill({address}, 7, 8192)");
        byte[] bytes = new byte[5000];

        Assert.Equal(ReadOutcome.Complete, process.Read(address + 100, bytes, out int read));

        Assert.Equal(5000, read);
        Assert.All(bytes, value => Assert.Equal(7, value));
        Assert.Equal(ReadOutcome.Complete, process.Read(address, [], out read));
        Assert.Equal(0, read);
    }

    [Fact]
    public void What_lies_before_a_page_that_cannot_be_read_is_handed_out()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(8192)");
        child.Call($"fill({address}, 7, 4096)");
        child.Call($"munmap({address + 4096}, 4096)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        byte[] bytes = new byte[8192];

        Assert.Equal(ReadOutcome.Unreadable, process.Read(address, bytes, out int read));

        Assert.Equal(4096, read);
        Assert.Equal(7, bytes[4095]);
        Assert.Equal(ReadOutcome.Unreadable, process.Read(address + 4096, bytes, out read));
        Assert.Equal(0, read);
        Assert.Throws<ArgumentOutOfRangeException>(() => process.Read(ulong.MaxValue, new byte[2], out _));
    }

    /// <summary>The memory is replaced after it was copied and before the copy is handed out.</summary>
    [Fact]
    public void A_copy_is_not_handed_out_if_the_memory_was_unmapped_meanwhile()
    {
        LiveProcessTests.RequireSupport();
        using PythonChild child = PythonChild.StartBehindShell();
        ulong address = child.Address("anon(4096)");
        child.Call($"write({address}, 1)");
        int reads = 0;
        using LiveProcess process = LiveProcess.Attach((int)child.Call("os.getpid()"), step =>
        {
            if (step != "read memory" || ++reads > 1)
                return;
            child.Call($"munmap({address}, 4096)");
            Assert.Equal(address, child.Address($"libc.mmap({address}, 4096, 3, 0x32, -1, 0)"));
            child.Call($"write({address}, 2)");
        });
        byte[] bytes = new byte[1];

        Assert.Equal(ReadOutcome.Complete, process.Read(address, bytes, out _));

        Assert.Equal((2, 2), (reads, bytes[0]));
    }

    [Fact]
    public void Memory_that_changes_during_every_attempt_is_given_up_after_sixteen()
    {
        LiveProcessTests.RequireSupport();
        using PythonChild child = PythonChild.StartBehindShell();
        ulong address = child.Address("anon(4096)");
        int reads = 0;
        bool replaces = true;
        using LiveProcess process = LiveProcess.Attach((int)child.Call("os.getpid()"), step =>
        {
            if (step != "read memory" || !replaces)
                return;
            reads++;
            child.Call($"munmap({address}, 4096)");
            Assert.Equal(address, child.Address($"libc.mmap({address}, 4096, 3, 0x32, -1, 0)"));
        });

        Assert.Equal(ReadOutcome.KeepsChanging, process.Read(address, new byte[1], out int read));

        Assert.Equal(0, read);
        Assert.InRange(reads, 1, 16);
        replaces = false;
        Assert.Equal(ReadOutcome.Complete, process.Read(address, new byte[1], out _));
    }

    /// <summary>What a user's own mirror does: the callback and the commit take one lock.</summary>
    [Fact]
    public void A_section_of_ones_own_notifier_says_whether_a_copy_may_be_kept()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(4096)");
        AddressRange page = AddressRange.FromLength(address, 4096);
        using LiveProcess process = LiveProcessTests.Attach(child);
        int calls = 0;
        IntervalNotifier notifier = process.Space.Insert(page, (in Invalidation _) =>
        {
            Interlocked.Increment(ref calls);
            return InvalidateResult.Done;
        });

        ProcessReadSection section = process.BeginRead(notifier, page);
        Assert.Equal(ReadStatus.Open, section.Status);
        Assert.Equal(ReadOutcome.Complete, process.Read(address, new byte[1], out _));
        Assert.False(section.MustRetry);

        child.Call($"munmap({address}, 4096)");
        Patience.Until(() => Volatile.Read(ref calls) > 0, "the callback");
        Assert.True(section.MustRetry);
        Assert.True(default(ProcessReadSection).MustRetry);
    }
}
