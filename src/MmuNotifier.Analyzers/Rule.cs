namespace MmuNotifier.Analyzers;

/// <summary>The identifiers of the rules, and what all descriptors have in common.</summary>
internal static class Rule
{
    internal const string WaitInCallback = "MMUN001";
    internal const string UncheckedReadSection = "MMUN002";
    internal const string RetryOutsideLock = "MMUN003";
    internal const string UndisposedScope = "MMUN004";
    internal const string KeptFoundNotifier = "MMUN005";
    internal const string BypassedHold = "MMUN006";
    internal const string BoxedOwner = "MMUN007";
    internal const string LengthAsLast = "MMUN008";
    internal const string IgnoredResult = "MMUN009";
    internal const string CallUnderCallbackLock = "MMUN010";

    internal const string Correctness = nameof(Correctness);
    internal const string Usage = nameof(Usage);

    /// <summary>Where the page of a rule is, relative to the repository and to the package.</summary>
    internal static string HelpLink(string id) => $"docs/analyzers/{id}.md";
}
