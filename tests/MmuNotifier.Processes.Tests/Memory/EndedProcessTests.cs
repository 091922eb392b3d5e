using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Memory;

/// <summary>
/// A process has ended, and its number belongs to another one: here to this process, so that it shows whether anything is read or written.
/// </summary>
public sealed class EndedProcessTests
{
    [Fact]
    public void The_memory_of_the_process_that_has_its_number_now_is_neither_read_nor_written()
    {
        using RemoteMemory memory = OpenEnded();
        using var page = new NativeMemory(1);
        page.Write(0, 7);
        ulong frame = page.Start / NativeMemory.Page;
        byte[] read = new byte[1];

        Assert.NotEqual(Errno.None, memory.WriteFrame(frame, 0, [99]));
        Assert.NotEqual(Errno.None, memory.ReadFrame(frame, 0, read));

        Assert.Equal(7, page.Read(0));
        Assert.False(memory.IsAlive);
    }

    [Fact]
    public void It_is_not_opened()
    {
        SafeFileHandle ended;
        using (PythonChild child = PythonChild.Start())
        {
            using ProcessDescriptor process = ProcessDescriptor.Open(child.ProcessId, out _)!;
            int descriptor = (int)child.Call("uffd()");
            Assert.SkipUnless(descriptor >= 0, "the child may not make a userfaultfd");
            SafeFileHandle? copy = process.CopyDescriptor(descriptor, out Errno denial);
            Assert.SkipUnless(copy is not null, $"pidfd_getfd is denied ({denial})");
            ended = copy!;
        }

        using UserfaultfdDescriptor noticing = UserfaultfdDescriptor.Create(userModeOnly: true, out _)!;

        RemoteMemory? memory = RemoteMemory.Open(Environment.ProcessId, ended, noticing.Handle, out Errno error);

        memory?.Dispose();
        Assert.Null(memory);
        Assert.Equal(Errno.NoProcess, error);
    }

    private static RemoteMemory OpenEnded()
    {
        int processId = Environment.ProcessId;
        return new RemoteMemory(
            ProcessDescriptor.Open(processId, out _)!,
            ProcessMaps.Open(processId, new MappingNameCache(), out _)!,
            PageMap.Open(processId, out _)!,
            EndedUserfaultfd(),
            OwnUserfaultfd.Asynchronous(),
            WakeDescriptor.TryCreate(out _)!,
            seesForks: true);
    }

    private static UserfaultfdDescriptor EndedUserfaultfd()
    {
        WatchedChild child = WatchedChild.Start();
        child.Child.Dispose();
        child.Pidfd.Dispose();
        Patience.Until(() => !child.Userfaultfd.IsTargetAlive(), "the memory has gone");
        return child.Userfaultfd;
    }
}
