namespace MmuNotifier.Benchmarks;

/// <summary>The clone that this program was built in.</summary>
internal static class Repository
{
    internal static string Root => Git("rev-parse", "--show-toplevel");

    internal static string Git(params string[] arguments) => Commands.Output("git", ["-C", AppContext.BaseDirectory, .. arguments]).Trim();
}
