
namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>Runs self tests and reports them in KTAP version 1.</summary>
public static class SelfTestRunner
{
    /// <summary>Runs them one after the other; one that hangs fails after 30 s, the benchmark after 120 s.</summary>
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

            Exception? problem = RunOne(tests[i], createMemory, out IReadOnlyList<string> notes);
            foreach (string note in notes)
                output.WriteLine($"# {note}");
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

    private static Exception? RunOne(SelfTest test, Func<VirtualMemory> createMemory, out IReadOnlyList<string> notes)
    {
        Exception? problem = null;
        IReadOnlyList<string> noted = [];
        var thread = new Thread(() => problem = Catch(test, createMemory, out noted)) { IsBackground = true };
        thread.Start();
        bool hasEnded = thread.Join(test.Limit);
        notes = hasEnded ? noted : [];
        return hasEnded ? problem : new SelfTestFailure($"it has not ended after {test.Limit.TotalSeconds} s");
    }

    private static Exception? Catch(SelfTest test, Func<VirtualMemory> createMemory, out IReadOnlyList<string> notes)
    {
        notes = [];
        try
        {
            using var bench = new SelfTestBench(createMemory(), test.FirstDevice, test.Devices);
            test.Run(bench);
            notes = bench.Notes;
            return null;
        }
        catch (Exception problem)
        {
            return problem; // Reported with the test: one that fails must not end the run.
        }
    }
}
