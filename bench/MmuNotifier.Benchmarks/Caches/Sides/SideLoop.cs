using System.Globalization;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>
/// Answers questions from standard input, one a line, with one number a line: so each side has a process of its own, whose patched
/// libc, threads and mappings disturb no other, and all are measured in turn.
/// </summary>
internal static class SideLoop
{
    internal static void Run(ISide side)
    {
        Console.WriteLine(side.Title);
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            double[] arguments = [.. words.Skip(1).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
            Console.WriteLine(side.Answer(words[0], arguments) is { } answer
                ? answer.ToString("R", CultureInfo.InvariantCulture)
                : $"error {side.Title} knows no {words[0]}");
        }
    }
}
