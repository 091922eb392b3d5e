using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>Cores of programs in several languages; what a debugger shows of them is what they know of themselves.</summary>
[Collection(EndToEndGroup.Name)]
public sealed partial class ProgramCoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-programs").FullName;

    private string Core => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Gdb_shows_the_vector_registers_and_the_depth_of_each_thread_of_a_program_in_cplusplus()
    {
        Machine.Require("gdb");
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx.IsSupported, "the processor has no AVX");
        const int threads = 3;
        using var program = new NativeTarget("vectors", "-g", "-mavx", "-pthread", "-std=c++17");
        using var target = new RunningTarget(program.Program, threads.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("ready", target.ReadLine());
        TakeCore(target.ProcessId);
        string shown = Gdb(
            program.Program, "thread apply all -q p $ymm3.v4_int64", "thread apply all -q p $ymm0.v4_int64", "thread apply all bt");

        for (int thread = 1; thread <= threads; thread++)
        {
            string number = thread.ToString(CultureInfo.InvariantCulture);
            Assert.Contains($"{{{number}030, {number}031, {number}032, {number}033}}", shown, StringComparison.Ordinal);
            Assert.Contains($"{{{number}000, {number}001, {number}002, {number}003}}", shown, StringComparison.Ordinal);
        }

        int[] depths = [.. shown.Split("\nThread ").Select(thread => Descent().Count(thread)).Where(count => count > 0).Order()];
        Assert.Equal([2, 3, 4], depths);
    }

    [Fact]
    public void Gdb_shows_one_moment_of_python_and_its_depth()
    {
        Machine.Require("gdb");
        const int depth = 10;
        using var target = new RunningTarget(
            Machine.Python, Machine.Script("deep.py"), depth.ToString(CultureInfo.InvariantCulture));
        string[] counters = target.ReadLine().Split(' ');
        TakeCore(target.ProcessId);
        string shown = Gdb(Machine.Python, $"p *(long *){counters[0]}", $"p *(long *){counters[1]}", "thread apply all bt");

        long[] values = CoreTarget.ValuesIn(shown);
        Assert.True(values[0] > 0);
        Assert.InRange(values[0] - values[1], 0, 1);
        // The main thread sleeps below ten calls of sorted, each of which runs the interpreter once more.
        Assert.Contains(depth + 1, shown.Split("\nThread ").Select(thread => PythonFrame().Count(thread)));
    }

    [Fact]
    public void Redis_under_load_has_its_values_and_its_backtraces_in_the_core()
    {
        Machine.Require("redis-server");
        Machine.Require("redis-benchmark");
        Machine.Require("gdb");
        string socket = Path.Combine(_folder, "socket");
        using var target = new RunningTarget(
            "redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", _folder);
        Patience.Until(() => File.Exists(socket), "redis listens");
        string[] values = [.. Enumerable.Range(0, 64).Select(_ => Guid.NewGuid().ToString())];
        foreach (string value in values)
            Assert.Contains("OK", CoreTarget.Run("redis-cli", "-s", socket, "SET", "key:" + value, value), StringComparison.Ordinal);
        using var load = new RunningTarget("redis-benchmark", "-s", socket, "-t", "set", "-l", "-q", "-r", "10000", "-c", "5");
        TakeCore(target.ProcessId);

        byte[] core = File.ReadAllBytes(Core);
        Assert.All(values, value => Assert.True(core.AsSpan().IndexOf(Encoding.ASCII.GetBytes(value)) >= 0, value));
        string shown = Gdb("/usr/bin/redis-server", "thread apply all bt");
        Assert.Contains("aeMain", shown, StringComparison.Ordinal);
        Assert.Contains("bioProcessBackgroundJobs", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Jhsdb_shows_the_depth_of_a_thread_of_java()
    {
        Machine.Require("jhsdb");
        Machine.Require("javac");
        const int depth = 10;
        CoreTarget.Run("javac", "-d", _folder, Machine.JavaSource("Deep.java"));
        using var target = new RunningTarget(
            "java", "-Xmx64m", "-cp", _folder, "Deep", depth.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("ready", target.ReadLine());
        TakeCore(target.ProcessId);
        string java = File.ResolveLinkTarget($"/proc/{target.Id}/exe", returnFinalTarget: false)!.FullName;
        string shown = CoreTarget.Run("jhsdb", "jstack", "--exe", java, "--core", Core);

        Assert.Contains("sleeper", shown, StringComparison.Ordinal);
        Assert.Contains("Deep.makeObjects", shown, StringComparison.Ordinal);
        Assert.Equal(depth + 1, JavaFrame().Count(shown));
    }

    private void TakeCore(int processId)
    {
        // A machine under load stops for longer than the limit for users: how long is not what is tested here.
        using Mmun mmun = Mmun.Run(
            "core", "--pid", processId.ToString(CultureInfo.InvariantCulture), "-o", Core, "--max-stop", "20000");
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        Assert.Contains("TracerPid:\t0", File.ReadAllText($"/proc/{processId}/status"), StringComparison.Ordinal);
    }

    private string Gdb(string program, params string[] commands)
    {
        string script = Path.Combine(_folder, "script");
        File.WriteAllLines(script, commands);
        return CoreTarget.Run("gdb", "-nx", "-batch", "-x", script, program, Core);
    }

    [GeneratedRegex(@"^#\d+ .*::descend \(", RegexOptions.Multiline)]
    private static partial Regex Descent();

    [GeneratedRegex(@"^#\d+ .* _PyEval_EvalFrameDefault \(", RegexOptions.Multiline)]
    private static partial Regex PythonFrame();

    [GeneratedRegex(@"- Deep\.deep\(int\)")]
    private static partial Regex JavaFrame();
}
