using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace MmuNotifier.Tool.CommandLine;

/// <summary>Options whose bad values are refused with what is allowed.</summary>
internal static class Values
{
    private const double MostSeconds = 1e6;

    /// <summary>A whole number within inclusive bounds.</summary>
    internal static Option<T> Number<T>(string name, string description, T standard, T least, T most, params string[] aliases)
        where T : struct, IBinaryInteger<T>
    {
        Option<T> option = Parsed(name, aliases, description, "N", Kind(least, most), text => TryNumber(text, least, most));
        option.DefaultValueFactory = _ => standard;
        return option;
    }

    /// <summary>As <see cref="Number"/>, without a standard value.</summary>
    internal static Option<T?> OptionalNumber<T>(string name, string description, T least, T most, params string[] aliases)
        where T : struct, IBinaryInteger<T> =>
        ParsedOrNone(name, aliases, description, "N", Kind(least, most), text => TryNumber(text, least, most));

    /// <summary>A number of seconds, with a fraction if wanted.</summary>
    internal static Option<TimeSpan?> Seconds(string name, string description, params string[] aliases) => ParsedOrNone(
        name, aliases, description, "SECONDS", "a number of seconds above 0 and at most 1000000, such as 0.5",
        text => TryTime(text, 1000));

    /// <summary>A time in a unit. The help has the standard value in that unit; without the option the result is null.</summary>
    internal static Option<TimeSpan?> Time(string name, string unit, double unitMilliseconds, TimeSpan standard, string description)
    {
        string shown = (standard.TotalMilliseconds / unitMilliseconds).ToString(CultureInfo.InvariantCulture);
        return ParsedOrNone(
            name,
            [],
            $"{description} [default: {shown}]",
            unit,
            "a number above 0 and at most 1000000",
            text => TryTime(text, unitMilliseconds));
    }

    /// <summary>The process to work on.</summary>
    internal static Option<int?> ProcessId(string description) => ParsedOrNone(
        "--pid", ["-p"], description, "N", "the number of a process, such as 4711", text => TryNumber(text, 1, int.MaxValue));

    /// <summary>One of several words.</summary>
    /// <param name="name">Of the option.</param>
    /// <param name="description">For the help.</param>
    /// <param name="standard">Without the option; null for nothing.</param>
    /// <param name="helpName">What the help shows for the value.</param>
    /// <param name="words">All that are allowed.</param>
    internal static Option<string?> Word(string name, string description, string? standard, string helpName, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        if (standard is not null)
            option.DefaultValueFactory = _ => standard;
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !words.Contains(text, StringComparer.Ordinal))
                result.AddError($"{name} takes {List(words)}; not '{text}'.{UnknownWord.Suggest(text, words)}");
        });
        return option;
    }

    private static string List(string[] words) => $"{string.Join(", ", words[..^1])} or {words[^1]}";

    private static Option<T> Parsed<T>(
        string name, string[] aliases, string description, string helpName, string kind, Func<string, T?> parse)
        where T : struct
    {
        var option = new Option<T>(name, aliases) { Description = description, HelpName = helpName };
        option.CustomParser = result => Parse(name, kind, parse, result) ?? default;
        return option;
    }

    private static Option<T?> ParsedOrNone<T>(
        string name, string[] aliases, string description, string helpName, string kind, Func<string, T?> parse)
        where T : struct
    {
        var option = new Option<T?>(name, aliases) { Description = description, HelpName = helpName };
        option.CustomParser = result => Parse(name, kind, parse, result);
        return option;
    }

    private static T? Parse<T>(string name, string kind, Func<string, T?> parse, ArgumentResult result)
        where T : struct
    {
        string text = result.Tokens[0].Value;
        T? value = parse(text);
        if (value is null)
            result.AddError($"{name} takes {kind}; not '{text}'.");
        return value;
    }

    private static string Kind<T>(T least, T most)
        where T : struct, IBinaryInteger<T> => string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}");

    private static T? TryNumber<T>(string text, T least, T most)
        where T : struct, IBinaryInteger<T> =>
        T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out T number) && number >= least && number <= most
            ? number
            : null;

    private static TimeSpan? TryTime(string text, double unitMilliseconds) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is > 0 and <= MostSeconds
            ? TimeSpan.FromMilliseconds(number * unitMilliseconds)
            : null;
}
