namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class TracedTargetTests
{
    [Fact]
    public void A_process_that_is_traced_already_is_refused_and_goes_on()
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using (var tracer = new RunningTarget(Machine.Python, Machine.Script("tracer.py"), target.Id))
        {
            Assert.SkipUnless(tracer.ReadLine() == "tracing", "ptrace is denied here");
            using var mmun = new Mmun("mirror", "--pid", target.Id);

            Assert.Contains($"is being traced by process {tracer.Id}", mmun.Refusal(), StringComparison.Ordinal);
            target.ReadLine();
        }

        target.AssertUnharmed();
    }

    [Fact]
    public void A_process_that_has_ended_and_was_not_waited_for_is_refused()
    {
        const string script = "import os,time; p=os.fork(); p or os._exit(0); os.waitid(os.P_PID, p, os.WEXITED | os.WNOWAIT); print(p, flush=True); time.sleep(60)";
        using var parent = new RunningTarget(Machine.Python, "-c", script);
        using var mmun = new Mmun("mirror", "--pid", parent.ReadLine());

        Assert.Contains("has ended already", mmun.Refusal(), StringComparison.Ordinal);
    }
}
