namespace MmuNotifier;

/// <summary>The kinds of invalidations as meters call them: the value of the attribute <see cref="Name"/>.</summary>
internal static class InvalidationEventTag
{
    public const string Name = "mmunotifier.invalidation.event";

    private static readonly string[] s_values = [.. Enum.GetValues<InvalidationEvent>().Select(InSnakeCase)];

    public static string ValueOf(InvalidationEvent invalidationEvent) => s_values[(int)invalidationEvent];

    private static string InSnakeCase(InvalidationEvent invalidationEvent) => string.Concat(
        invalidationEvent.ToString().Select((letter, i) => $"{(i > 0 && char.IsUpper(letter) ? "_" : "")}{char.ToLowerInvariant(letter)}"));
}
