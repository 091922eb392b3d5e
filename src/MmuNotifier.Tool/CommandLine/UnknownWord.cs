using System.CommandLine;

namespace MmuNotifier.Tool.CommandLine;

/// <summary>Says that a word on the command line is unknown, and which known one may be meant.</summary>
internal static class UnknownWord
{
    /// <summary>A word with more mistakes than one in three letters is another word.</summary>
    private const int LettersPerMistake = 3;

    /// <param name="word">As it was typed.</param>
    /// <param name="command">Where it stands.</param>
    internal static string Describe(string word, Command command)
    {
        bool isOption = word.StartsWith('-');
        IEnumerable<string> known = isOption ? OptionsOf(command) : command.Subcommands.Select(below => below.Name);
        string kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return $"There is no {kind} '{word}'.{Suggest(word, known)}";
    }

    /// <summary>A sentence that begins with a space, or nothing.</summary>
    internal static string Suggest(string word, IEnumerable<string> known)
    {
        string[] near =
        [
            .. known
                .Select(name => (Name: name, Distance: EditDistance.Between(word.ToLowerInvariant(), name)))
                .Where(found => found.Distance <= Math.Max(1, found.Name.Trim('-').Length / LettersPerMistake) && found.Name.Length > 2)
                .GroupBy(found => found.Distance)
                .OrderBy(group => group.Key)
                .FirstOrDefault()?
                .Select(found => found.Name) ?? [],
        ];
        return near.Length == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?";
    }

    private static IEnumerable<string> OptionsOf(Command? command)
    {
        for (; command is not null; command = command.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (Option option in command.Options)
            {
                yield return option.Name;
            }
        }
    }
}
