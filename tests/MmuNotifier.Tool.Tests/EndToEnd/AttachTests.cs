using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class AttachTests
{
    private const int KillsTried = 25;

    [Fact]
    public void After_its_duration_the_target_goes_on_unharmed()
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 2,
            seconds: 2,
            seconds => new Mmun("mirror", "--json", "--verify", "0.5", "--duration", seconds, "--pid", target.Id),
            out JsonElement report);

        Assert.False(report.GetProperty("target").GetProperty("launched").GetBoolean());
        target.AssertUnharmed();
    }

    [Theory]
    [InlineData(Mmun.Interrupt)]
    [InlineData(Mmun.Terminate)]
    [InlineData(Mmun.HangUp)]
    [InlineData(Mmun.Quit)]
    public void A_signal_ends_it_with_a_report_and_the_target_goes_on(int signal)
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using var mmun = new Mmun("mirror", "--json", "--pid", target.Id);
        Assert.True(SpinWait.SpinUntil(() => mmun.Error.Contains("mirrored", StringComparison.Ordinal), Patience.Limit));
        mmun.Signal(signal);

        mmun.GoodReport();
        target.AssertUnharmed();
    }

    [Fact]
    public void Killed_at_any_moment_it_leaves_the_target_unharmed()
    {
        var random = new Random(7);
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        for (int i = 0; i < KillsTried; i++)
        {
            using var mmun = new Mmun("mirror", "--verify", "0.05", "--round", "0.02", "--pid", target.Id);
            Thread.Sleep(random.Next(50, 700));
            mmun.Signal(Mmun.Kill);
            mmun.WaitForExit();
            target.AssertCounting(); // It may keep the descriptor, unregistered: DeathTests counts the three steps after which it does.
        }
    }

    [Fact]
    public void An_ordinary_user_mirrors_what_he_launches()
    {
        using var user = new OrdinaryUser();
        string script = user.Script("churn.py");
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 2,
            seconds: 3,
            seconds => user.Mmun("mirror", "--json", "--verify", "0.4", "--", Machine.Python, script, seconds),
            out JsonElement report);

        Assert.Contains("churn done", mmun.Error, StringComparison.Ordinal);
        Assert.Contains(
            report.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("CAP_SYS_PTRACE", StringComparison.Ordinal));
    }

    [Fact]
    public void An_ordinary_user_is_refused_what_others_run()
    {
        Assert.SkipUnless(Machine.IsRoot, "only root can be two users");
        using var user = new OrdinaryUser();
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using Mmun mmun = user.Mmun("mirror", "--pid", target.Id);

        Assert.Contains("belongs to user 0 and this process runs as user 65534", mmun.Refusal(), StringComparison.Ordinal);
        target.AssertUnharmed();
    }
}
