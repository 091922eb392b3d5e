using System.Runtime.InteropServices;
using MmuNotifier.Linux.Tests.Memory;
using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>A child by fork has nothing to do with its parent's watch.</summary>
[Collection(PageSharingGroup.Name)]
public sealed unsafe partial class ForkTests
{
    private const int ReadWriteExecute = 7;

    // fork; in the parent return. In the child: munmap(address, length), then exit_group(0) if that worked and the header is zero, else 1.
    // Neither the runtime nor the C library works in the child of a process with threads.
    private static readonly byte[] s_code =
    [
        0xB8, 0x39, 0x00, 0x00, 0x00, 0x0F, 0x05, // mov eax, 57; syscall    fork
        0x48, 0x85, 0xC0,                         // test rax, rax
        0x74, 0x01, 0xC3,                         // jz child; ret
        0xB8, 0x0B, 0x00, 0x00, 0x00, 0x0F, 0x05, // child: mov eax, 11; syscall    munmap
        0x8B, 0x3A,                               // mov edi, [rdx]
        0x09, 0xC7,                               // or edi, eax
        0x0F, 0x95, 0xC0,                         // setne al
        0x0F, 0xB6, 0xF8,                         // movzx edi, al
        0xB8, 0xE7, 0x00, 0x00, 0x00, 0x0F, 0x05, // mov eax, 231; syscall   exit_group
    ];

    [Fact]
    public void It_finds_no_watch_and_what_it_unmaps_is_its_own()
    {
        using var watched = new Watched();
        ulong address = watched.Map(4);
        ulong code = MapPages(1, ReadWriteExecute);
        s_code.CopyTo(new Span<byte>((void*)code, s_code.Length));
        var fork = (delegate* unmanaged<ulong, ulong, nint, int>)code;
        for (int i = 0; i < 10; i++)
        {
            int child = fork(address, 4 * Page, watched.Watch.Header);
            Assert.True(child > 0);
            int status = -1;
            Assert.Equal(child, WaitFor(child, &status, 0));
            Assert.Equal(0, status);
        }

        Assert.Empty(watched.ReportsOn(Pages(address, 4)));
        Unmap(address, 4 * Page);
        Assert.NotEmpty(watched.ReportsOn(Pages(address, 4)));
        Unmap(code, Page);
    }

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int processId, int* status, int options);
}
