using System.Globalization;

namespace MmuNotifier.Processes;

/// <summary>A process and, if they are asked for, its descendants, with a file for the core of each.</summary>
internal sealed class CoreTree : IDisposable
{
    private readonly ProcessWatcher _watcher;
    private readonly CoreTaking _taking;
    private readonly string? _path;
    private readonly bool _hasNames;
    private readonly List<CoreMember> _members = [];

    /// <summary>Those that are in the tree, and those that cannot be.</summary>
    private readonly HashSet<int> _known = [];
    private bool _isReleased;

    /// <param name="watcher">Attaches.</param>
    /// <param name="options">How the cores are taken.</param>
    /// <param name="path">
    /// The file of the first; of the others with their numbers behind it. Null: the first has a file without a name.
    /// </param>
    /// <param name="hasNames">
    /// Whether the cores get these names. Otherwise they are kept in files without names beside them, for <see cref="TakeAgain"/>.
    /// </param>
    /// <param name="withChildren">Whether descendants belong to it.</param>
    /// <param name="checkpoint">Called often; may throw to give up.</param>
    internal CoreTree(ProcessWatcher watcher, CoreOptions options, string? path, bool hasNames, bool withChildren, Action checkpoint)
    {
        (_watcher, _path, _hasNames) = (watcher, path, hasNames);
        _taking = withChildren
            ? new CoreTaking(watcher, options, checkpoint)
            {
                AddMissing = AddChildren,
                MustAddMissing = MustAddMissing,
                OnDropped = Forget,
            }
            : new CoreTaking(watcher, options, checkpoint);
    }

    /// <summary>The processes whose cores are taken, the first one first.</summary>
    internal IReadOnlyList<CoreMember> Members => _members;

    /// <summary>Descendants that have no core, a line each.</summary>
    internal List<string> LeftOut { get; } = [];

    /// <summary>Takes the cores and lets the processes go.</summary>
    /// <exception cref="ProcessAttachException">The process cannot be attached to.</exception>
    /// <exception cref="CoreException">The cores cannot be taken.</exception>
    internal List<CoreResult> Take(int processId)
    {
        try
        {
            Attach(processId);
            _taking.Capture();
        }
        finally
        {
            Release();
        }

        return _taking.Finish();
    }

    /// <summary>Attaches to the process, for <see cref="TakeAgain"/>.</summary>
    /// <exception cref="ProcessAttachException">The process cannot be attached to.</exception>
    internal void Attach(int processId) => Add(processId, NewFile(_path), _path ?? "");

    /// <summary>
    /// Takes the cores of what is attached to and of its new descendants. The processes stay attached; the files of the members have the
    /// cores until the next call.
    /// </summary>
    /// <exception cref="CoreException">The cores cannot be taken.</exception>
    internal List<CoreResult> TakeAgain()
    {
        _taking.Capture();
        return _taking.Finish();
    }

    /// <summary>The member that a core is of.</summary>
    internal CoreMember MemberOf(CoreResult result) => _members.Single(member => member.Watch.ProcessId == result.Report.ProcessId);

    public void Dispose()
    {
        Release();
        _taking.Dispose();
    }

    private void Release()
    {
        if (_isReleased)
            return;
        _isReleased = true;
        _watcher.Release([.. _members.Select(member => member.Watch)]);
    }

    /// <summary>Before a process is touched: a folder that is missing or full is no reason to.</summary>
    private CoreFile NewFile(string? path)
    {
        if (path is null)
            return CoreFile.CreateUnnamed(Path.GetTempPath());
        return _hasNames ? CoreFile.Create(path) : CoreFile.CreateUnnamed(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private bool AddChildren()
    {
        bool hasAdded = false;
        foreach (int child in Missing())
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"{_path}.{child}");
            try
            {
                Add(child, NewFile(path), path);
                hasAdded = true;
            }
            catch (Exception refusal) when (refusal is ProcessAttachException or CoreException)
            {
                // A child that has ended meanwhile is none.
                if (ProcessStatus.ReadWithoutStart(child) is not { IsDead: false })
                    continue;
                _known.Add(child);
                LeftOut.Add(refusal.Message);
            }
        }

        return hasAdded;
    }

    /// <summary>A tree whose processes begin and end all the time is never whole: the last stop counts, and names what it lacks.</summary>
    private bool MustAddMissing(bool isLast)
    {
        List<int> missing = Missing();
        if (!isLast)
            return missing.Count > 0;
        LeftOut.AddRange(missing.Select(child => $"Process {child} began while the others were being stopped, and has no core."));
        return false;
    }

    /// <summary>Takes the file over, also when it fails.</summary>
    private void Add(int processId, CoreFile file, string path)
    {
        WatchedProcess? watch = null;
        try
        {
            watch = _watcher.Attach(processId);
            _taking.Add(watch, file);
        }
        catch
        {
            file.Dispose();
            if (watch is not null)
                _watcher.Release(watch);
            throw;
        }

        _known.Add(processId);
        _members.Add(new CoreMember(watch, file, path));
    }

    /// <summary>What its number names then, if it is a descendant still, is added like any other.</summary>
    private void Forget(WatchedProcess dropped)
    {
        _members.RemoveAll(member => member.Watch == dropped);
        _known.Remove(dropped.ProcessId);
        _watcher.Release(dropped);
    }

    /// <summary>
    /// Descendants that are not known. A child of vfork runs in its parent's memory, and is left alone until it has executed its program.
    /// </summary>
    private List<int> Missing()
    {
        var missing = new List<int>();
        foreach (CoreMember member in _members)
        {
            var children = new List<int>();
            ProcessTree.AddChildren(member.Watch.ProcessId, children);
            missing.AddRange(children.Where(child => !_known.Contains(child) && ProcessStatus.ReadWithoutStart(child) is { IsDead: false }
                && Kcmp.SameAddressSpace(member.Watch.MemoryThreadId, child) != true));
        }

        return missing;
    }
}
