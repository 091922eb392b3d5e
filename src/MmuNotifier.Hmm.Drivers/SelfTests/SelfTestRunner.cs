
namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Runs self tests and reports them in KTAP version 1.</summary>
public static class SelfTestRunner
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs them one after the other; one that hangs fails after 30 s.</summary>
    /// <param name="tests">Some or all of <see cref="SelfTestList.All"/>.</param>
    /// <param name="createMemory">Makes an empty address space for each test, which disposes it.</param>
    /// <param name="output">Gets a line for each test, and the reason of each failure.</param>
    /// <param name="cancellationToken">Ends the run after the test that is under way; a line says how many have run.</param>
    /// <returns>How many failed.</returns>
    public static int Run(
        IReadOnlyList<SelfTest> tests,
        Func<VirtualMemory> createMemory,
        TextWriter output,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tests);
        ArgumentNullException.ThrowIfNull(createMemory);
        ArgumentNullException.ThrowIfNull(output);
        output.WriteLine("KTAP version 1");
        output.WriteLine($"1..{tests.Count}");
        int failed = 0;
        for (int i = 0; i < tests.Count; i++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                output.WriteLine($"# interrupted after {i} of {tests.Count} tests");
                break;
            }

            Exception? problem = RunOne(tests[i], createMemory);
            string skip = problem is SelfTestSkip ? $" # SKIP {problem.Message}" : "";
            bool isFailure = problem is not (null or SelfTestSkip);
            if (isFailure)
            {
                failed++;
                foreach (string line in problem!.ToString().Split('\n'))
                    output.WriteLine($"# {line}");
            }

            output.WriteLine($"{(isFailure ? "not ok" : "ok")} {i + 1} {tests[i].Name}{skip}");
        }

        return failed;
    }

    private static Exception? RunOne(SelfTest test, Func<VirtualMemory> createMemory)
    {
        Exception? problem = null;
        var thread = new Thread(() => problem = Catch(test, createMemory)) { IsBackground = true };
        thread.Start();
        return thread.Join(s_limit) ? problem : new SelfTestFailure($"it has not ended after {s_limit.TotalSeconds} s");
    }

    private static Exception? Catch(SelfTest test, Func<VirtualMemory> createMemory)
    {
        try
        {
            using var bench = new SelfTestBench(createMemory(), test.FirstDevice, test.Devices);
            test.Run(bench);
            return null;
        }
        catch (Exception problem)
        {
            return problem; // Reported with the test: one that fails must not end the run.
        }
    }
}
