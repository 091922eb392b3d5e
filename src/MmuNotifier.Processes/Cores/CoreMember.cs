namespace MmuNotifier.Processes;

/// <summary>A process whose core is taken, and the file that gets it.</summary>
internal sealed record CoreMember(WatchedProcess Watch, CoreFile File, string Path)
{
    private const string DotnetRuntime = "/libcoreclr.so";

    /// <summary>A report with what the mappings of the process say.</summary>
    internal static CoreReport WithRuntime(CoreReport report, WatchedProcess watch) => report with
    {
        HasDotnetRuntime = watch.Mappings.Exists(each => each.Mapping.Name.EndsWith(DotnetRuntime, StringComparison.Ordinal)),
    };
}
