using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests;

[Collection(PtraceGroup.Name)]
public sealed class FrozenProcessTests
{
    [Fact]
    public void It_is_stopped_with_its_registers_and_its_memory_until_it_is_disposed_of()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(4096)");
        child.Call($"write({address}, 3)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        IReadOnlyList<LiveMapping> mappings = process.GetMappings();
        byte[] bytes = new byte[1];
        FrozenProcess frozen = process.Freeze(Patience.Limit);

        Assert.Equal('t', State(process));
        ThreadRegisters main = frozen.GetThreads()[0];
        Assert.Equal(process.ProcessId, main.ThreadId);
        Assert.Equal(216, main.General.Length);
        LiveMapping code = mappings.Single(mapping => mapping.Range.Contains(main.InstructionPointer));
        Assert.NotEqual(Hmm.Protection.None, code.Protection & Hmm.Protection.Execute);
        Assert.Contains(mappings, mapping => mapping.Name == "[stack]" && mapping.Range.Contains(main.StackPointer));
        Assert.Equal(main.InstructionPointer, main[GeneralRegister.Rip]);
        Assert.Throws<ArgumentOutOfRangeException>(() => main[(GeneralRegister)27]);
        Assert.Same(frozen.GetThreads(), frozen.GetThreads());
        Assert.Equal(ReadOutcome.Complete, frozen.Read(address, bytes, out _));
        Assert.Equal(3, bytes[0]);
        Assert.Equal(ReadOutcome.Complete, process.Read(address, bytes, out _));
        Assert.NotEmpty(process.GetMappings());

        frozen.Dispose();
        frozen.Dispose();

        Assert.True(frozen.IsOver);
        TimeSpan stop = frozen.Elapsed;
        Assert.Equal(stop, frozen.Elapsed);
        Assert.Equal(0, child.Call($"write({address}, 4)"));
        Assert.Throws<ObjectDisposedException>(() => frozen.GetThreads());
        Assert.Throws<ObjectDisposedException>(() => frozen.Read(address, bytes, out _));
        using FrozenProcess again = process.Freeze(Patience.Limit);
        Assert.Equal(ReadOutcome.Complete, again.Read(address, bytes, out _));
        Assert.Equal(4, bytes[0]);
    }

    [Fact]
    public void When_its_limit_is_over_it_runs_again_and_nothing_is_handed_out_any_more()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(4096)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using FrozenProcess frozen = process.Freeze(TimeSpan.FromMilliseconds(300));

        Assert.Equal(0, child.Call($"write({address}, 1)")); // Answers when it runs.

        Assert.True(frozen.IsOver);
        ProcessFreezeException exception = Assert.Throws<ProcessFreezeException>(() => frozen.Read(address, new byte[1], out _));
        Assert.Equal(
            $"The limit of 300 ms of the freeze is over, and process {process.ProcessId} runs again.", exception.Message);
        Assert.Throws<ProcessFreezeException>(() => frozen.GetThreads());
        using FrozenProcess again = process.Freeze(Patience.Limit);
        Assert.False(again.IsOver);
    }

    [Fact]
    public void A_second_freeze_and_a_core_of_a_frozen_process_are_refused()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        using LiveProcess process = LiveProcessTests.Attach(child);
        using FrozenProcess frozen = process.Freeze(Patience.Limit);

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => process.Freeze(Patience.Limit));

        Assert.Contains("frozen already", exception.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => process.WriteCore("/nowhere/core"));
        Assert.False(frozen.IsOver);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3_600_001)]
    public void A_freeze_needs_a_limit_between_nothing_and_an_hour(int milliseconds)
    {
        using PythonChild child = LiveProcessTests.StartChild();
        using LiveProcess process = LiveProcessTests.Attach(child);
        Assert.Throws<ArgumentOutOfRangeException>(() => process.Freeze(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.NotEqual('t', State(process));
    }

    [Fact]
    public void A_frozen_process_that_is_killed_says_so()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(4096)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using FrozenProcess frozen = process.Freeze(Patience.Limit);

        Tools.Signal(process.ProcessId, Tools.SigKill);
        Patience.Until(() => ProcessStatus.ReadWithoutStart(process.ProcessId) is not { State: 't' }, "its end");

        Assert.Throws<ProcessExitedException>(() => frozen.GetThreads());
        Patience.Until(() => frozen.Read(address, new byte[1], out _) == ReadOutcome.Exited, "its memory is gone");
    }

    /// <summary>The events that wait cannot be handled, so the freeze is not what it should be: it fails within its limit.</summary>
    [Fact]
    public void A_freeze_whose_events_are_not_handled_in_time_fails_and_the_process_runs()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(4096)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using var hold = new ManualResetEventSlim();
        using var isInside = new ManualResetEventSlim();
        process.Space.Insert(AddressRange.FromLength(address, 4096), (in Invalidation _) =>
        {
            isInside.Set();
            hold.Wait();
            return InvalidateResult.Done;
        });
        child.Call($"munmap({address}, 4096)");
        Assert.True(isInside.Wait(Patience.Limit, TestContext.Current.CancellationToken));

        Assert.Throws<ProcessFreezeException>(() => process.Freeze(TimeSpan.FromMilliseconds(500)));

        Assert.Equal(1, child.Call("1"));
        hold.Set();
    }

    private static char State(LiveProcess process) => ProcessStatus.ReadWithoutStart(process.ProcessId)!.State;
}
