using System.ComponentModel;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// Says what failed inside a program before it could ask the device: the program knows only an error number. One line for each process and
/// kind, for a program may try again and again. May be used from any thread.
/// </summary>
internal sealed class DeviceFailures
{
    private const int TooManyInSystem = 23;
    private const int TooManyInProcess = 24;

    private readonly Lock _lock = new();
    private readonly HashSet<(int ProcessId, DeviceFailure Failure)> _told = [];

    internal void Tell(int processId, in DeviceMessage message)
    {
        var failure = (DeviceFailure)message.Number;
        if (!Enum.IsDefined(failure))
            return;
        lock (_lock)
        {
            if (!_told.Add((processId, failure)))
                return;
        }

        string why = new Win32Exception(message.Error).Message;
        string cure = message.Error is TooManyInProcess or TooManyInSystem
            ? "raise its limit of open files (ulimit -n)"
            : "run it with the rights of mmun, or set vm.unprivileged_userfaultfd to 1";
        string what = failure == DeviceFailure.NoUserfaultfd
            ? "could not make the two userfaultfds that a device needs, so that opening one failed"
            : "could not make the two sockets that a request or a fork needs, so that the device did not hear of one";
        Console.Error.WriteLine($"mmun: Process {processId} {what} ({why}): {cure}.");
    }
}
