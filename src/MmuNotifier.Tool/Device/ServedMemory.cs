using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// The memory of a program and its users: its control connection and the devices it has open. The last one lets it go. An address space
/// that has ended stays while descriptors of its devices are open elsewhere; they answer errors.
/// </summary>
internal sealed class ServedMemory(ulong number, RemoteMemory memory, Action<ServedMemory> onGone)
{
    private readonly Lock _lock = new();
    private int _users = 1;

    /// <summary>What the program calls it.</summary>
    internal ulong Number { get; } = number;

    internal RemoteMemory Memory { get; } = memory;

    /// <summary>One user more; false if the last has gone.</summary>
    internal bool TryHold()
    {
        lock (_lock)
        {
            if (_users == 0)
                return false;
            _users++;
            return true;
        }
    }

    internal void LetGo()
    {
        lock (_lock)
        {
            if (--_users > 0)
                return;
        }

        onGone(this);
        Memory.Dispose();
    }
}
