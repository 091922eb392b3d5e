namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>A main stack that is full and cannot grow. (One that can: HarmTests of MmuNotifier.Tool.)</summary>
[Collection(PtraceGroup.Name)]
public sealed class ScratchAreaTests : IDisposable
{
    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void Another_thread_makes_the_call_on_its_own_stack()
    {
        using Target target = Target.StartProgram("deep");
        target.AssertUnharmed();
        for (int i = 0; i < 5; i++)
        {
            UserfaultfdInjection.Create(_thread, target.ProcessId).Handle.Dispose();
            target.AssertUnharmed();
        }

        Assert.Empty(target.Userfaultfds);
    }

    [Fact]
    public void Without_another_thread_the_refusal_says_what_to_do()
    {
        using Target target = Target.StartProgram("deep-alone");
        target.AssertUnharmed();
        ProcessAttachException refusal = Assert.Throws<ProcessAttachException>(
            () => UserfaultfdInjection.Create(_thread, target.ProcessId));

        Assert.Contains("no room on any stack", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("try again", refusal.Message, StringComparison.Ordinal);
        target.AssertUnharmed();
    }
}
