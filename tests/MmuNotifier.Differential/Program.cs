using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Differential;

/// <summary><c>--operations N --seed S[,S…] --reference KIND --against KIND[,KIND…]</c>; see docs/differential.md.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        long operations = 100_000;
        string seeds = "1";
        string reference = nameof(MemoryKind.Kernel);
        string against = nameof(MemoryKind.Simulated);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--operations" when long.TryParse(value, CultureInfo.InvariantCulture, out operations):
                    break;
                case "--seed" when value.Length > 0:
                    seeds = value;
                    break;
                case "--reference" when Enum.TryParse<MemoryKind>(value, ignoreCase: true, out _):
                    reference = value;
                    break;
                case "--against" when value.Split(',').All(name => Enum.TryParse<MemoryKind>(name, ignoreCase: true, out _)):
                    against = value;
                    break;
                default:
                    Console.Error.WriteLine("--operations N --seed S[,S] --reference simulated|linux|kernel --against KIND[,KIND]");
                    return 2;
            }
        }

        bool isEqual = true;
        foreach (string name in against.Split(','))
        {
            foreach (string seed in seeds.Split(','))
                isEqual &= Run(Enum.Parse<MemoryKind>(reference, true), Enum.Parse<MemoryKind>(name, true), seed, operations);
        }

        return isEqual ? 0 : 1;
    }

    private static bool Run(MemoryKind expected, MemoryKind actual, string seed, long operations)
    {
        var campaign = new Campaign(expected, actual, int.Parse(seed, CultureInfo.InvariantCulture), operations);
        var watch = Stopwatch.StartNew();
        string? report = campaign.Run();
        Console.WriteLine(report ?? string.Create(
            CultureInfo.InvariantCulture,
            $"{expected} against {actual}, seed {seed}: {operations} operations, no difference, {watch.Elapsed.TotalSeconds:f1} s"));
        return report is null;
    }
}
