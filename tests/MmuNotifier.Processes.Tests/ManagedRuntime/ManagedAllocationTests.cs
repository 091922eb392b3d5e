using System.Buffers.Binary;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.ManagedRuntime;

public sealed class ManagedAllocationTests
{
    private const ulong RuntimeCode = 0x10_0000, CompiledCode = 0x20_0000, OtherCode = 0x30_0000, RuntimeData = 0x40_0000;

    private static readonly ProcessMapping[] Mappings =
    [
        Mapping(RuntimeCode, MappingProtection.Read | MappingProtection.Execute, inode: 1, "/usr/share/dotnet/libcoreclr.so"),
        Mapping(CompiledCode, MappingProtection.Read | MappingProtection.Execute, inode: 0, ""),
        Mapping(OtherCode, MappingProtection.Read | MappingProtection.Execute, inode: 2, "/usr/lib/libssl.so.3"),
        Mapping(RuntimeData, MappingProtection.Read | MappingProtection.Write, inode: 1, "/usr/share/dotnet/libcoreclr.so"),
    ];

    [Theory]
    [InlineData(RuntimeCode + 0x10, -1, true)]
    [InlineData(RuntimeCode + 0x10, 202, false)] // It waits, or the kernel works for it.
    [InlineData(CompiledCode + 0x10, -1, false)]
    [InlineData(OtherCode + 0x10, -1, false)]
    [InlineData(RuntimeData + 0x10, -1, false)]
    public void A_thread_that_runs_in_the_runtime_may_be_making_an_object(ulong instruction, long call, bool expected)
    {
        ThreadRegisters other = Registers(CompiledCode, -1);
        Assert.Equal(expected, ManagedAllocation.MayBeUnderWay([other, Registers(instruction, call)], Mappings));
    }

    private static ProcessMapping Mapping(ulong start, MappingProtection protection, ulong inode, string name) =>
        new(start, start + 0xFFFF, protection, Shared: false, MappingKind.File, Offset: 0, Device: 0, inode, name);

    private static ThreadRegisters Registers(ulong instruction, long call)
    {
        byte[] general = new byte[27 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(general.AsSpan((int)GeneralRegister.Rip * sizeof(ulong)), instruction);
        BinaryPrimitives.WriteInt64LittleEndian(general.AsSpan((int)GeneralRegister.OriginalRax * sizeof(ulong)), call);
        return new ThreadRegisters(1, general, default, default, default, signal: 0, blocked: 0);
    }
}
