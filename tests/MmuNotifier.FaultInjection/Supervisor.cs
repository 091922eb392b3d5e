using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.FaultInjection;

/// <summary>
/// Records the call sites, runs the cases in worker processes, and sums up. A worker that crashes or hangs costs one case.
/// </summary>
/// <param name="workerArguments">For the workers.</param>
/// <param name="seed">Gives the order of the cases.</param>
/// <param name="numbers">How many cases; or the numbers of the first and the last, from 1; null for all.</param>
internal sealed class Supervisor(string[] workerArguments, int seed, int[]? numbers)
{
    private const int CasesPerReport = 100;

    private static readonly TimeSpan LineLimit = TimeSpan.FromSeconds(120);

    private readonly List<string> _problems = [];
    private readonly List<(string Operation, CallSite Site, int Count)> _reached = [];
    private int _run;
    private int _fired;

    internal int Run(SortedSet<(string Caller, string Call)> inCode)
    {
        Record();
        List<FaultCase> cases = MakeCases();
        int first = numbers is [var start, _] ? start - 1 : 0;
        int end = Math.Min(numbers is null ? cases.Count : numbers[^1], cases.Count);
        RunAll(cases[first..end]);
        int sites = _reached.Select(each => each.Site).Distinct().Count();
        int errors = _reached.Select(each => each.Site.Call).Distinct().Sum(call => DocumentedErrors.Of(call).Length);
        Console.WriteLine($"{sites} call sites × {errors} errors: {_run} of {cases.Count} cases run, {_fired} calls made to fail, "
            + $"{_problems.Count} problems (seed {seed}){(numbers is null ? "" : $", numbers {first + 1} to {end}")}");
        HashSet<string> callers = [.. _reached.Select(each => each.Site.Caller)];
        List<string> unreached = [.. inCode.Where(site => !callers.Contains(site.Caller)).Select(site => $"{site.Caller} ({site.Call})")];
        Console.WriteLine($"{inCode.Count} places in the code, {unreached.Count} of which cannot be reached by these operations:");
        unreached.ForEach(place => Console.WriteLine($"  {place}"));
        _problems.ForEach(Console.WriteLine);
        return _problems.Count == 0 && _run > 0 ? 0 : 1;
    }

    private void Record()
    {
        using Process worker = Start("record");
        while (ReadLine(worker) is { } line)
        {
            string[] parts = line.Split('|');
            if (parts[0] == "site")
                _reached.Add((parts[1], new CallSite(parts[2], parts[3]), int.Parse(parts[4], CultureInfo.InvariantCulture)));
            else if (parts[0] == "problem")
                _problems.Add($"PROBLEM without a fault: {line}");
        }

        worker.WaitForExit();
    }

    /// <summary>
    /// For each site and error: the first call fails, one somewhere in the middle, all. In an order that depends on the seed and on each
    /// case alone: sites that are not reached in one run do not change it.
    /// </summary>
    private List<FaultCase> MakeCases()
    {
        var cases = new List<FaultCase>();
        foreach ((string operation, CallSite site, int count) in _reached
            .OrderBy(each => each.Operation)
            .ThenBy(each => each.Site.Call)
            .ThenBy(each => each.Site.Chain))
        {
            const int interrupted = 4;
            const int exists = 17;
            foreach (int error in DocumentedErrors.Of(site.Call))
            {
                // The kernel says this only of a page that the child has. Nobody else can look at the child.
                if (error == exists && site.Chain.Contains("RemoteMemory.Give", StringComparison.Ordinal))
                    continue;
                cases.Add(new FaultCase(operation, site, error, 0, IsLasting: false));
                if (count > 1)
                {
                    ulong later = HashOf($"{operation}|{site.Chain}|{error}") % (ulong)(Math.Min(count, 64) - 1);
                    cases.Add(new FaultCase(operation, site, error, 1 + (int)later, IsLasting: false));
                }

                if (error != interrupted && !MustWait(site, error))
                    cases.Add(new FaultCase(operation, site, error, 0, IsLasting: true));
            }
        }

        return
        [
            .. cases
                .OrderByDescending(HasFailedOnce)
                .ThenBy(each => HashOf($"{each.Operation}|{each.Site.Chain}|{each.Error}|{Math.Min(each.Skip, 1)}|{each.IsLasting}")),
        ];
    }

    /// <summary>Cases that a complete run once found a fault with: each sample has them.</summary>
    private static bool HasFailedOnce(FaultCase each) =>
        each is { Operation: "launch", Site.Call: "read", Skip: > 0 }
        && each.Site.Chain.StartsWith("ProcessMaps.Read", StringComparison.Ordinal);

    /// <summary>
    /// While these errors last, the program waits, as documented: there is nothing else to do without losing its pages. (A signal at every
    /// try, the other exception, is no error but a storm without end.) The question whether a change is pending takes each answer that the
    /// kernel does not give to it for "yes", so it is a change without end as well.
    /// </summary>
    private static bool MustWait(CallSite site, int error)
    {
        const int again = 11;
        bool hasUnreadEvents = site.Call == "read" && site.Chain.Contains("ReadEvents", StringComparison.Ordinal);
        bool hasNoPage = site.Call is "UFFDIO_ZEROPAGE" or "UFFDIO_COPY" && !site.Chain.Contains("Give", StringComparison.Ordinal);
        bool cannotSignal = site.Call == "write" && site.Chain.Contains("WakeDescriptor.Signal", StringComparison.Ordinal);
        bool asksForChanges = site.Chain.StartsWith("UserfaultfdDescriptor.IsChangePending", StringComparison.Ordinal);
        bool hasChangeWithoutEnd = asksForChanges || (error == again && site.Call.StartsWith("UFFDIO", StringComparison.Ordinal));
        return hasUnreadEvents || hasNoPage || cannotSignal || hasChangeWithoutEnd;
    }

    // FNV-1a: the same in each process.
    private ulong HashOf(string text)
    {
        ulong hash = 14695981039346656037UL + (ulong)seed;
        foreach (char each in text)
            hash = (hash ^ each) * 1099511628211UL;
        return hash ^ (hash >> 29);
    }

    private void RunAll(List<FaultCase> cases)
    {
        int next = 0;
        while (next < cases.Count)
        {
            using Process worker = Start("work");
            while (next < cases.Count)
            {
                FaultCase faultCase = cases[next++];
                if (!TryWrite(worker, faultCase.Text) || !Judge(faultCase, ReadLine(worker)))
                    break;
            }

            End(worker);
        }
    }

    /// <returns>Whether the worker can continue.</returns>
    private bool Judge(FaultCase faultCase, string? answer)
    {
        if (++_run % CasesPerReport == 0)
            Console.WriteLine($"{_run} cases run, {_problems.Count} problems");
        string[] parts = answer?.Split('|', 4) ?? [];
        if (parts.Length == 4 && parts[1] == "fired")
            _fired++;
        if (parts.Length == 4 && parts[3] == "ok")
            return true;
        string problem = $"PROBLEM {faultCase.Text}: {(parts.Length == 4 ? parts[3] : "the process crashed or does not answer")}";
        _problems.Add(problem);
        Console.WriteLine(problem);
        return false;
    }

    private Process Start(string command)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Supervisor).Assembly.Location, command, .. workerArguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return Process.Start(start)!;
    }

    private static bool TryWrite(Process worker, string line)
    {
        try
        {
            worker.StandardInput.WriteLine(line);
            worker.StandardInput.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The next line of a report; what programs print in between is passed over. Null at the end, or when nothing comes.</summary>
    private static string? ReadLine(Process worker)
    {
        while (true)
        {
            Task<string?> line = worker.StandardOutput.ReadLineAsync();
            if (!line.Wait(LineLimit) || line.Result is not { } text)
                return null;
            if (text.StartsWith("done|", StringComparison.Ordinal) || text.StartsWith("site|", StringComparison.Ordinal)
                || text.StartsWith("problem|", StringComparison.Ordinal))
                return text;
        }
    }

    private static void End(Process worker)
    {
        worker.StandardInput.Dispose();
        if (!worker.WaitForExit(TimeSpan.FromSeconds(10)))
            worker.Kill(entireProcessTree: true);
    }
}
