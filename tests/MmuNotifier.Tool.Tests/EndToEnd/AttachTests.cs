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
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.5", "--duration", "2", "--pid", target.Id);
        JsonElement report = mmun.GoodReport(leastFreezes: 2);

        Assert.False(report.GetProperty("target").GetProperty("launched").GetBoolean());
        target.AssertUnharmed();
    }

    [Theory]
    [InlineData(Mmun.Interrupt)]
    [InlineData(Mmun.Terminate)]
    public void A_signal_ends_it_with_a_report_and_the_target_goes_on(int signal)
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using var mmun = new Mmun("mirror", "--json", "--pid", target.Id);
        Assert.True(SpinWait.SpinUntil(() => mmun.Error.Contains("mirrored", StringComparison.Ordinal), TimeSpan.FromSeconds(20)));
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
            target.AssertUnharmed();
        }
    }

    [Fact]
    public void An_ordinary_user_mirrors_what_he_launches_and_not_what_others_run()
    {
        Assert.SkipUnless(Machine.IsRoot, "only root can drop to another user");
        Machine.Require("setpriv");
        string folder = Directory.CreateTempSubdirectory("mmun-user").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            string script = Path.Combine(folder, "churn.py");
            File.Copy(Machine.Script("churn.py"), script);
            OpenToAll(folder);
            string[] asNobody =
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "env", "HOME=/tmp", "DOTNET_CLI_HOME=/tmp"];

            using var launching = new Mmun(asNobody, folder, ["mirror", "--json", "--verify", "0.4", "--", Machine.Python, script, "3"]);
            JsonElement report = launching.GoodReport(leastFreezes: 2);
            Assert.Contains(report.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("CAP_SYS_PTRACE", StringComparison.Ordinal));

            using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
            target.ReadLine();
            using var refused = new Mmun(asNobody, folder, ["mirror", "--pid", target.Id]);
            Assert.Contains("belongs to user 0 and this process runs as user 65534", refused.Refusal(), StringComparison.Ordinal);
            target.AssertUnharmed();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Interoperability", "CA1416", Justification = "Only Linux runs it.")]
    private static void OpenToAll(string folder) => File.SetUnixFileMode(
        folder,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
}
