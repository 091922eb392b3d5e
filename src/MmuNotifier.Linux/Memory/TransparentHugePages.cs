namespace MmuNotifier.Linux;

/// <summary>Whether this machine makes transparent huge pages of 2 MiB where they are advised.</summary>
internal static class TransparentHugePages
{
    private const string Folder = "/sys/kernel/mm/transparent_hugepage/";
    private const string OfAllSizes = "enabled";
    private const string OfThisSize = "hugepages-2048kB/enabled";

    /// <summary>Why it does not; null if it does.</summary>
    internal static string? WhyUnsupported() => WhyUnsupported(Read(OfAllSizes), Read(OfThisSize));

    /// <summary>
    /// By the text of the two files; null where there is none. Kernels before 6.8 have no second one; "inherit" in it stands for the first.
    /// </summary>
    internal static string? WhyUnsupported(string? ofAllSizes, string? ofThisSize)
    {
        if (ofAllSizes is null)
            return "This kernel has no transparent huge pages.";
        string deciding = ofThisSize is null || IsChosen(ofThisSize, "inherit") ? ofAllSizes : ofThisSize;
        string file = deciding == ofThisSize ? OfThisSize : OfAllSizes;
        return IsChosen(deciding, "never")
            ? $"Transparent huge pages of 2 MiB are switched off ({Folder}{file}): write madvise to it."
            : null;
    }

    private static bool IsChosen(string choices, string choice) => choices.Contains($"[{choice}]", StringComparison.Ordinal);

    private static string? Read(string file) => ProcFile.Parse<string?>(Folder + file, System.Text.Encoding.ASCII.GetString, out _);
}
