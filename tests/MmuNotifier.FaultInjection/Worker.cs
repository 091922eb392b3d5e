using System.Diagnostics;

namespace MmuNotifier.FaultInjection;

/// <summary>The process that runs the operations: first to note where calls are made, then one case for each line of its input.</summary>
internal static class Worker
{
    /// <summary>Every wait of the product is shorter than this, on a busy machine too.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const int WarmUps = 2;

    internal static int Record(IEnumerable<Operation> operations)
    {
        foreach (Operation operation in operations)
        {
            var injector = new Injector();
            injector.Install();
            using (operation)
            {
                for (int i = 0; i < WarmUps; i++)
                {
                    if ((operation.Run(injector, null) ?? operation.FindHarm()) is { } problem)
                    {
                        Console.WriteLine($"problem|{operation.Name}|{problem}");
                        break;
                    }
                }
            }

            foreach ((CallSite site, int count) in injector.Reached)
                Console.WriteLine($"site|{operation.Name}|{site.Call}|{site.Chain}|{count}");
        }

        return 0;
    }

    internal static int Work(IReadOnlyDictionary<string, Operation> operations)
    {
        var injector = new Injector();
        injector.Install();
        // So that what the runtime opens at the first use of something is there before.
        foreach (Operation operation in operations.Values)
        {
            operation.Run(injector, null);
            operation.Dispose();
        }

        injector.Disarm();
        // The console, too: it opens its own at the first line.
        string? first = Console.In.ReadLine();
        Console.WriteLine("ready");
        var before = new Leftovers();
        for (string? line = first; line is not null; line = Console.In.ReadLine())
        {
            FaultCase faultCase = FaultCase.Parse(line);
            Operation operation = operations[faultCase.Operation];
            long begin = Stopwatch.GetTimestamp();
            using var watchdog = new Timer(_ => GiveUp(line), null, Limit, Timeout.InfiniteTimeSpan);
            string? problem;
            try
            {
                problem = operation.Run(injector, faultCase);
            }
            catch (Exception exception)
            {
                problem = $"an exception that is no refusal: {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")} at "
                    + $"{PlaceOf(exception)}";
            }

            injector.Disarm();
            int fired = injector.Fired;
            problem ??= operation.FindHarm();
            problem ??= before.Find();
            Console.WriteLine(
                $"done|{(fired > 0 ? "fired" : "not reached")}|{Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0}|{problem ?? "ok"}");
            // What is left over from this case would be found in the next ones too.
            if (problem is not null)
                return 3;
        }

        foreach (Operation operation in operations.Values)
            operation.Dispose();
        return 0;
    }

    private static string PlaceOf(Exception exception) =>
        string.Join(" < ", new StackTrace(exception).GetFrames().Take(6).Select(frame => frame.GetMethod())
            .Select(method => $"{CallSite.TypeOf(method)}.{CallSite.NameOf(method)}"));

    private static void GiveUp(string line)
    {
        Console.WriteLine($"done|fired|{Limit.TotalMilliseconds}|it does not return within {Limit.TotalSeconds} s");
        Console.Out.Flush();
        Environment.FailFast($"hang: {line}");
    }
}
