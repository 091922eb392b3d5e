using System.Globalization;

namespace MmuNotifier.Processes;

/// <summary>
/// Core after core of one process, and of its descendants if <see cref="CoreTaker"/> takes them too. The processes stay attached, and a
/// file without a name always has the last core of each; so only what has changed is copied from them, and each core is a copy of that
/// file.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
public sealed class CoreSeries : IDisposable
{
    private readonly CoreTree _tree;
    private readonly WatchedProcess _first;
    private readonly int _keep;
    private readonly Action _checkpoint;
    private readonly List<string> _leftOut = [];

    /// <summary>The files of the last cores, the oldest first.</summary>
    private readonly Queue<List<string>> _kept = [];
    private int _number;

    /// <param name="tree">The processes, attached to; this disposes of it.</param>
    /// <param name="keep">How many cores are kept.</param>
    /// <param name="checkpoint">Called often; may throw to give up.</param>
    internal CoreSeries(CoreTree tree, int keep, Action checkpoint) =>
        (_tree, _first, _keep, _checkpoint) = (tree, tree.Members[0].Watch, keep, checkpoint);

    /// <summary>The process.</summary>
    public int ProcessId => _first.ProcessId;

    /// <summary>Whether the process has ended or started another program: then no more cores can be taken.</summary>
    public bool HasExited => _first.IsImageGone || _first.WaitForExit(TimeSpan.Zero);

    /// <summary>The descendants that have no core of the last taking, one sentence for each; empty as a rule.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>How many times the cores of all its processes were written.</summary>
    public int Count { get; private set; }

    /// <summary>Waits until the process itself has ended.</summary>
    /// <param name="limit">How long at most; not negative, at most 24 days.</param>
    /// <returns>Whether it has.</returns>
    public bool WaitForExit(TimeSpan limit) => _first.WaitForExit(limit);

    /// <summary>
    /// Takes the next core of what is attached to and of its new descendants. A number stands behind the name of each file, 1 of the first
    /// core that was taken: <c>core.1</c>, <c>core.4711.1</c>. Then files of older cores than are to be kept are removed.
    /// </summary>
    /// <param name="onWritten">Called for each core, the process's first, once its file has its name; on this thread.</param>
    /// <exception cref="CoreException">
    /// No core was written, or none of those that were not reported; or an older one could not be removed. The next one can be tried all
    /// the same, unless <see cref="HasExited"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public void Write(Action<CoreReport> onWritten)
    {
        ArgumentNullException.ThrowIfNull(onWritten);
        _leftOut.Clear();
        try
        {
            List<CoreResult> results = _tree.TakeAgain();
            _number++;
            var names = new List<string>();
            _kept.Enqueue(names);
            foreach (CoreResult result in results)
            {
                CoreReport report = Keep(result);
                names.Add(report.Path!);
                onWritten(report);
            }

            Count++;
            while (_kept.Count > _keep)
                _kept.Dequeue().ForEach(CoreFile.Delete);
        }
        finally
        {
            _leftOut.AddRange(_tree.LeftOut);
            _tree.LeftOut.Clear();
        }
    }

    /// <summary>Lets the processes go, as they were before. The cores stay.</summary>
    public void Dispose() => _tree.Dispose();

    private CoreReport Keep(CoreResult result)
    {
        CoreMember member = _tree.MemberOf(result);
        string path = string.Create(CultureInfo.InvariantCulture, $"{member.Path}.{_number}");
        using CoreFile copy = CoreFile.Create(path);
        member.File.CopyTo(copy, _checkpoint);
        copy.Publish();
        return CoreMember.WithRuntime(result.Report, member.Watch) with { Path = path };
    }
}
