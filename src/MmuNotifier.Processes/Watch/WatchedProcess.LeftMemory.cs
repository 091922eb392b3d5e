using System.Diagnostics;
using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Memory that is left to a program that uses userfaultfd itself; on the owner's thread.</content>
/// <remarks>
/// A mapping belongs to one userfaultfd. If we hold it, the program's own registration of it fails with EBUSY, and most programs give up
/// then. The time between a program's userfaultfd and its first registration is too short to notice the one before the other. So its code
/// is looked at: a program that registers memory holds the number of that ioctl. An interpreter, which makes up the number, is noticed by
/// its open descriptor, too late for a registration that follows at once.
/// </remarks>
internal sealed partial class WatchedProcess
{
    /// <summary>Files of code that were looked at, by this watch or another, and whether they may register memory.</summary>
    internal Dictionary<FileIdentity, bool> CodeFiles { get; init; } = [];

    /// <summary>Nothing else is done for the program meanwhile.</summary>
    private static readonly TimeSpan LeavingLimit = TimeSpan.FromSeconds(1);

    /// <summary>Whether memory that the program can register itself is left unregistered.</summary>
    internal bool LeavesMemory => _leavesMemory;

    /// <summary>The program has a userfaultfd, or holds code that registers memory: unregisters what it may want to register.</summary>
    internal void LeaveMemory()
    {
        if (_leavesMemory)
            return;
        _leavesMemory = true;
        AddressRange[] left = [.. _snapshot.Mappings
            .Where(mapping => CanBeLeft(in mapping))
            .Select(mapping => new AddressRange(mapping.Start, mapping.Last))];
        long begin = Stopwatch.GetTimestamp();
        if (!TryUnregister(left, () => Stopwatch.GetElapsedTime(begin) > LeavingLimit))
        {
            foreach (AddressRange range in left)
                UnlessClosed(() => _userfaultfd.Unregister(range.Start, range.Last));
        }

        UnregisterHoles();

        // The next refresh registers and classifies everything again.
        CollectionsMarshal.AsSpan(_states).Clear();
        _mustJoin = true;
    }

    /// <summary>What the program has mapped there since its mappings were read was registered with the hole.</summary>
    private void UnregisterHoles()
    {
        for (int i = 0; i < _snapshot.Mappings.Count; i++)
        {
            if (TryFindHoleAfter(i, out ulong start, out ulong last))
                UnlessClosed(() => _userfaultfd.Unregister(start, last));
        }
    }

    private bool IsLeft(in ProcessMapping mapping) => _leavesMemory && CanBeLeft(in mapping);

    /// <summary>Files are hardly ever registered by programs; without their own they would all have to be read again.</summary>
    private static bool CanBeLeft(in ProcessMapping mapping) => !mapping.IsKernelOwned && mapping.Kind != MappingKind.File;

    /// <summary>Looks at the code that has been mapped since the last time.</summary>
    private void LookAtCode()
    {
        for (int i = 0; i < _states.Count && !_leavesMemory; i++)
        {
            ProcessMapping mapping = _snapshot.Mappings[i];
            bool isCode = mapping.Kind == MappingKind.File && (mapping.Protection & MappingProtection.Execute) != 0;
            if (!isCode || _states[i].Registration is not null)
                continue;
            FileIdentity file = FileIdentity.Of(in mapping);
            if (!CodeFiles.TryGetValue(file, out bool mayRegister))
                CodeFiles[file] = mayRegister = ProgramFiles.MayRegisterMemory(MemoryId, in mapping);
            if (mayRegister)
                LeaveMemory();
        }
    }
}
