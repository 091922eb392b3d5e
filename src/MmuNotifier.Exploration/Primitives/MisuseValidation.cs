namespace MmuNotifier;

/// <summary>Stands in for src/MmuNotifier/Misuse/MisuseValidation.cs.</summary>
internal static class MisuseValidation
{
    /// <summary>Never: what is explored is the engine, and its scenarios use only the engine.</summary>
    public static bool IsEnabled => false;
}
