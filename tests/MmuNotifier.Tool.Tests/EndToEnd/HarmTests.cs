using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// The target does not notice the mirror: not by answers of system calls, nor by what it uses itself and the mirror uses too.
/// </summary>
[Collection(EndToEndGroup.Name)]
public class HarmTests
{
    private const int Denied = 77;

    [Fact]
    public void Waiting_calls_do_not_answer_EINTR_at_a_freeze()
    {
        using var target = new NativeTarget("waits");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--", target.Program);
        JsonElement report = mmun.GoodReport();

        Assert.Equal(0, ExitCode(report));
        Assert.Contains("undisturbed", mmun.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_waits_can_be_attached_to_and_goes_on_waiting()
    {
        using var program = new NativeTarget("waits");
        using var target = new RunningTarget(program.Program, "numbers");
        target.ReadLine();
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--duration", "1", "--pid", target.Id);
        mmun.GoodReport();

        target.AssertUnharmed();
    }

    [Fact]
    public void A_filter_that_forbids_restart_syscall_does_not_kill()
    {
        using var target = new NativeTarget("filtered");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--", target.Program);

        Assert.Equal(0, ExitCode(mmun.GoodReport()));
    }

    [Fact]
    public void A_program_that_uses_userfaultfd_keeps_its_memory_to_itself()
    {
        Assert.SkipUnless(Machine.IsRoot, "a program that answers its own faults needs a full userfaultfd");
        using var target = new NativeTarget("selfwatching");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--", target.Program);
        JsonElement report = mmun.GoodReport();

        Assert.Equal(0, ExitCode(report));
        Assert.Contains(
            report.GetProperty("mirroredByReading").EnumerateArray(),
            memory => memory.GetProperty("reason").GetString()!.Contains("uses userfaultfd itself", StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_that_has_a_userfaultfd_when_it_is_attached_to_keeps_its_memory_to_itself()
    {
        const string script = "import ctypes,time\nfd=ctypes.CDLL(None).syscall(323,0x80801)\nprint(fd,flush=True)\nfor i in range(9999): "
            + "print(i,flush=True); time.sleep(0.02)";
        using var target = new RunningTarget(Machine.Python, "-c", script);
        Assert.SkipWhen(target.ReadLine() == "-1", "userfaultfd is denied here");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.3", "--duration", "1", "--pid", target.Id);
        JsonElement report = mmun.GoodReport();

        Assert.Contains(
            report.GetProperty("mirroredByReading").EnumerateArray(),
            memory => memory.GetProperty("reason").GetString()!.Contains("uses userfaultfd itself", StringComparison.Ordinal));
    }

    [Fact]
    public void A_debugger_can_trace_its_children()
    {
        using var target = new NativeTarget("debugger");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--", target.Program, "30");
        mmun.WaitForExit();
        JsonElement report = JsonDocument.Parse(mmun.Output.TrimEnd('\n').Split('\n')[^1]).RootElement;

        Assert.Equal(0, ExitCode(report));
        Assert.Contains(
            report.GetProperty("children").EnumerateArray(),
            child => child.GetProperty("outcome").GetString()!.StartsWith("left alone: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_process_in_the_same_memory_is_stopped_as_well()
    {
        using var target = new NativeTarget("partner");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--", target.Program);
        JsonElement report = mmun.GoodReport();

        Assert.Contains(
            report.GetProperty("notes").EnumerateArray(),
            note => note.GetString()!.Contains("(clone with CLONE_VM) and was stopped with it", StringComparison.Ordinal));
    }

    [Fact]
    public void A_process_in_the_memory_of_another_can_be_attached_to()
    {
        using var program = new NativeTarget("partner");
        using var target = new RunningTarget(program.Program, "1000000");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--duration", "1", "--pid", target.ReadLine());
        mmun.GoodReport();
    }

    [Fact]
    public void Buffers_of_a_ring_without_a_descriptor_are_named_and_not_compared()
    {
        using var target = new NativeTarget("closedring");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--", target.Program);
        mmun.WaitForExit();
        Assert.SkipWhen(mmun.Output.Contains($"\"exitCode\":{Denied}", StringComparison.Ordinal), "io_uring is denied here");
        JsonElement report = mmun.GoodReport();

        Assert.Equal(0, ExitCode(report));
        Assert.Contains(
            report.GetProperty("notMirrored").EnumerateArray(),
            memory => memory.GetProperty("reason").GetString()!.Contains("descriptor is closed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_without_room_below_its_stack_is_attached_to()
    {
        using var program = new NativeTarget("deep");
        using var target = new RunningTarget(program.Program);
        target.ReadLine();
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.3", "--duration", "1", "--pid", target.Id);
        mmun.GoodReport();

        target.AssertUnharmed();
    }

    private static int ExitCode(JsonElement report) => report.GetProperty("target").GetProperty("exitCode").GetInt32();
}
