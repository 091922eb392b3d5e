using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Processes;

/// <summary>
/// Takes core files of running processes that this process need not watch: a process is attached to for its core alone. The cores of its
/// descendants can be taken with it, all as of one moment.
/// </summary>
/// <remarks>
/// For one thread at a time. A process that is watched already, as a <see cref="LiveProcess"/>, gives its core by
/// <see cref="LiveProcess.WriteCore"/>. See <see cref="LiveProcess.WarmUp"/> for the first core that a process of yours takes.
/// docs/core.md says what is in a core, and which debuggers open it.
/// </remarks>
public sealed class CoreTaker : IDisposable
{
    private readonly ProcessWatcher _watcher;
    private readonly CoreOptions _options;
    private readonly bool _withDescendants;
    private readonly CancellationToken _cancellation;
    private bool _isDisposed;

    /// <summary>Makes one; it has two threads.</summary>
    /// <param name="options">How cores are taken; null for the defaults.</param>
    /// <param name="withDescendants">
    /// Whether the descendants of a process are stopped at the same moment, for a core of each.
    /// </param>
    /// <param name="cancellationToken">Gives up while the processes run, and shortens waits for them; no core is left.</param>
    /// <exception cref="ProcessAttachException">No process can be watched on this machine.</exception>
    public CoreTaker(CoreOptions? options = null, bool withDescendants = false, CancellationToken cancellationToken = default)
    {
        ProcessWatcher.RequireSupport(KernelProbe.Run());
        _watcher = new ProcessWatcher(cancellationToken);
        _options = options ?? new CoreOptions();
        _withDescendants = withDescendants;
        _cancellation = cancellationToken;
    }

    /// <summary>The descendants that have no core of the last taking, one sentence for each; empty as a rule.</summary>
    public IReadOnlyList<string> LeftOut { get; private set; } = [];

    /// <summary>
    /// Launches a program that runs at once and that nothing watches before its core is taken. It has this process's environment, working
    /// directory and process group.
    /// </summary>
    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">What follows the program's name; null for nothing.</param>
    /// <param name="streams">What its standard input, output and error are.</param>
    /// <returns>The program. Dispose of it before this.</returns>
    /// <exception cref="ProcessAttachException">It cannot be run; the message says why.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public LaunchedProgram Launch(
        string program, IReadOnlyList<string>? arguments = null, ProgramStreams streams = ProgramStreams.Inherited)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _watcher.LaunchUnwatched(program, arguments ?? [], streams);
    }

    /// <summary>Writes a core file of a process, and one of each descendant if they are asked for.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="path">
    /// The file of the process; the files of descendants have their numbers behind it: <c>core</c>, <c>core.4711</c>. Only their owner may
    /// read and write them, and they are sparse. A file that has the name is replaced when the core is complete, and not before.
    /// </param>
    /// <param name="onWritten">
    /// Called for each core, the process's first, once its file has its name; on this thread. The processes run then.
    /// </param>
    /// <exception cref="ProcessAttachException">The process cannot be attached to, and nothing was changed.</exception>
    /// <exception cref="CoreException">No core was written, or none of those that were not reported.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public void Write(int processId, string path, Action<CoreReport> onWritten)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(onWritten);
        using CoreTree tree = Plant(path, hasNames: true, _withDescendants);
        foreach (CoreResult result in Take(tree, processId))
        {
            CoreMember member = tree.MemberOf(result);
            member.File.Publish();
            onWritten(CoreMember.WithRuntime(result.Report, member.Watch) with { Path = member.Path });
        }
    }

    /// <summary>
    /// Sends the core of a process, without its descendants, into a pipe or a socket. It is kept in a file without a name, in the folder
    /// for temporary files (<c>TMPDIR</c>), until it is complete: nothing is written if it cannot be taken.
    /// </summary>
    /// <param name="processId">The process.</param>
    /// <param name="output">Gets the core, holes as zeros; stays open.</param>
    /// <returns>What there is to say of it.</returns>
    /// <exception cref="ProcessAttachException">The process cannot be attached to, and nothing was changed.</exception>
    /// <exception cref="CoreException">It was not written, or not to its end: nobody reads any more.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public CoreReport Send(int processId, SafeFileHandle output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using CoreTree tree = Plant(path: null, hasNames: true, withDescendants: false);
        CoreResult result = Take(tree, processId).Single();
        result.Writer.SendTo(output);
        return CoreMember.WithRuntime(result.Report, tree.MemberOf(result).Watch);
    }

    /// <summary>Attaches to a process, and to its descendants if they are asked for, to take core after core of them.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="path">
    /// The file of the process, without the number of the core; the files of descendants have their process numbers behind it.
    /// </param>
    /// <param name="keep">How many cores are kept, at least 1; the files of older ones are removed.</param>
    /// <returns>The series. Dispose of it before this.</returns>
    /// <exception cref="ProcessAttachException">The process cannot be attached to, and nothing was changed.</exception>
    /// <exception cref="CoreException">The folder of the files is missing, or no file can be made in it.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keep"/> is less than 1.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public CoreSeries BeginSeries(int processId, string path, int keep = int.MaxValue)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        CoreTree tree = Plant(path, hasNames: false, _withDescendants);
        try
        {
            tree.Attach(processId);
            return new CoreSeries(tree, keep, _cancellation.ThrowIfCancellationRequested);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>Ends its threads. The processes run on.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _watcher.Dispose();
    }

    private CoreTree Plant(string? path, bool hasNames, bool withDescendants)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new CoreTree(_watcher, _options, path, hasNames, withDescendants, _cancellation.ThrowIfCancellationRequested);
    }

    private List<CoreResult> Take(CoreTree tree, int processId)
    {
        LeftOut = tree.LeftOut;
        return tree.Take(processId);
    }
}
