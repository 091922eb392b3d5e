using System.CommandLine;
using System.Globalization;

namespace MmuNotifier.Tool.Commands;

/// <summary>Options that take a whole number within bounds.</summary>
internal static class Numbers
{
    internal static Option<int> Option(string name, string description, int standard, int least, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            string text = result.Tokens.Single().Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
                return number;
            result.AddError($"{name} takes a whole number from {least} to {most}; not '{text}'.");
            return standard;
        },
    };
}
