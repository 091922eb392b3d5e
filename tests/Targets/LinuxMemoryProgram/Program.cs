using System.Globalization;
using LinuxMemoryProgram;
using MmuNotifier.Linux;

switch (args)
{
    case ["fork"]:
        // Forks its own memory, prints the child's number, and waits until its input ends.
        using (LinuxMemory memory = new())
        {
            using var child = (LinuxMemory)memory.Fork();
            Console.WriteLine(child.ProcessId);
            Console.In.Read();
        }

        return 0;
    case ["descriptors"]:
        // Makes watches of its own memory while only some descriptors are left.
        FewDescriptors.Run();
        return 0;
    case ["locked", { } bytes]:
        // Makes a watch of its own memory while only so many bytes may be locked; prints what its perf events lock.
        LittleLockable.Run(ulong.Parse(bytes, CultureInfo.InvariantCulture));
        return 0;
    default:
        return 1;
}
