using System.CommandLine;
using System.CommandLine.Completions;

namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary>What scripts and manual pages need to know of commands.</summary>
internal static class CommandTree
{
    /// <summary>The command and all below it, each before those below.</summary>
    internal static IEnumerable<Command> All(Command command) => CommandsOf(command).SelectMany(All).Prepend(command);

    /// <summary>The words that lead to it, from mmun on.</summary>
    internal static string PathOf(Command command)
    {
        Command? above = command.Parents.OfType<Command>().FirstOrDefault();
        return above is null ? "mmun" : $"{PathOf(above)} {command.Name}";
    }

    /// <summary>Its own options, and those of the commands above it that go for it as well, such as the help.</summary>
    internal static IEnumerable<Option> OptionsOf(Command command) => command.Options
        .Concat(Above(command).SelectMany(above => above.Options).Where(option => option.Recursive))
        .Where(option => !option.Hidden)
        .DistinctBy(option => option.Name);

    internal static IEnumerable<Command> CommandsOf(Command command) => command.Subcommands.Where(below => !below.Hidden);

    /// <summary>How it can be written: the name first.</summary>
    internal static IEnumerable<string> NamesOf(Option option) =>
        option.Aliases.Where(alias => alias is not ("-?" or "/?" or "/h")).Prepend(option.Name).Distinct();

    internal static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;

    /// <summary>The words that it takes, if it takes only certain ones.</summary>
    internal static string[] WordsOf(Option option) => TakesValue(option) ? Labels(option.CompletionSources) : [];

    internal static string[] WordsOf(Argument argument) => Labels(argument.CompletionSources);

    /// <summary>Whether what follows it is a program with its arguments.</summary>
    internal static bool EndsInProgram(Command command) => command.Arguments.Any(argument => argument.Name == "program");

    /// <summary>The first sentence of a description, without its full stop.</summary>
    internal static string Summary(string? description)
    {
        string text = description ?? "";
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('.');
    }

    /// <summary>What a value is, by what the help calls it.</summary>
    internal static ValueKind KindOf(Option option) => option switch
    {
        _ when WordsOf(option).Length > 0 => ValueKind.Word,
        _ when option.Name == "--pid" => ValueKind.Process,
        _ when option.HelpName is "FILE" or "FOLDER" or "PATH" || option.ValueType == typeof(FileInfo) => ValueKind.File,
        _ => ValueKind.Other,
    };

    private static IEnumerable<Command> Above(Command command) =>
        command.Parents.OfType<Command>().SelectMany(parent => Above(parent).Prepend(parent));

    private static string[] Labels(List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources) =>
        [.. sources.SelectMany(source => source(CompletionContext.Empty)).Select(item => item.Label).Distinct()];
}
