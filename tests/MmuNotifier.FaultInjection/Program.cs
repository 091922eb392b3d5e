extern alias iouring;
extern alias tool;
using System.Globalization;
using MmuNotifier.FaultInjection;
using MmuNotifier.Linux;
using MmuNotifier.Processes;

// supervise SEED COUNT|FIRST-LAST|all TARGET DEVICE-TARGET [OPERATION...]: all cases, or so many of them, or those of these numbers (from
// 1), the same ones for a seed.
// record, work TARGET DEVICE-TARGET [OPERATION...]: what the supervisor starts.
string command = args[0];
string[] rest = command == "supervise" ? args[3..] : args[1..];
Operation[] all =
[
    new AttachOperation(rest[0]), new MirrorOperation(rest[0]), new CoreOperation(rest[0]),
    new LaunchOperation(rest[0]), new DeviceOperation(rest[1]),
    new WatchOperation(), new WriteWatchOperation(), new RegisterOperation(), new MigrateOperation(),
];
Operation[] operations = [.. all.Where(operation => rest.Length == 2 || rest.Skip(2).Contains(operation.Name))];
switch (command)
{
    case "supervise":
        int[]? numbers = args[2] == "all"
            ? null
            : [.. args[2].Split('-').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        SortedSet<(string Caller, string Call)> inCode = CallSites.Find(
            typeof(LinuxMemory).Assembly,
            typeof(WatchedProcess).Assembly,
            typeof(tool::MmuNotifier.Tool.Device.DeviceServer).Assembly,
            typeof(iouring::MmuNotifier.IoUring.IoUringBufferRegistry).Assembly);
        return new Supervisor(rest, int.Parse(args[1], CultureInfo.InvariantCulture), numbers).Run(inCode);
    case "record":
        return Worker.Record(operations);
    default:
        return Worker.Work(operations.ToDictionary(operation => operation.Name));
}
