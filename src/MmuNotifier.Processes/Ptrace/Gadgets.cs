using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Pieces of the target's own code that an injected call runs through.</summary>
/// <param name="SyscallReturn">The address of <c>syscall; ret</c>.</param>
/// <param name="SignalReturn">
/// What to put on the stack, lowest word first, so that returning into the first word makes the <c>rt_sigreturn</c> call with the stack
/// pointer just above the last word.
/// </param>
internal sealed record Gadgets(ulong SyscallReturn, ulong[] SignalReturn)
{
    private const int ChunkSize = 1 << 20;

    /// <summary>No more of a program's code than this is searched.</summary>
    private const long SearchLimit = 512L << 20;

    private const ulong SignalReturnNumber = 15;

    private static ReadOnlySpan<byte> SyscallRet => [0x0f, 0x05, 0xc3];

    private static ReadOnlySpan<byte> SyscallOnly => [0x0f, 0x05];

    private static ReadOnlySpan<byte> PopRaxRet => [0x58, 0xc3];

    /// <summary>mov $15, %rax; syscall: what the C library gives the kernel as the way back from a signal handler.</summary>
    private static ReadOnlySpan<byte> Restorer => [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];

    /// <summary>mov $15, %eax; syscall.</summary>
    private static ReadOnlySpan<byte> ShortRestorer => [0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05];

    /// <summary>
    /// Finds the pieces while the process runs, so that it need not be stopped for so long; null if there are none, or it has just ended.
    /// Whether they are still there must be asked when it is stopped.
    /// </summary>
    internal static Gadgets? FindBeforehand(int processId)
    {
        try
        {
            int threadId = LiveThread.Find(processId);
            using TargetMappings mappings = TargetMappings.Of(threadId);
            return Find(threadId, mappings.All);
        }
        catch (TargetChangedException)
        {
            return null;
        }
    }

    /// <summary>Whether the pieces are there, in code that does not change. The process must be stopped.</summary>
    internal bool AreIn(int threadId, TargetMappings mappings)
    {
        return IsCode(SyscallReturn, SyscallRet) && (SignalReturn.Length == 1
            ? IsCode(SignalReturn[0], Restorer) || IsCode(SignalReturn[0], ShortRestorer)
            : IsCode(SignalReturn[0], PopRaxRet) && IsCode(SignalReturn[^1], SyscallOnly));

        bool IsCode(ulong address, ReadOnlySpan<byte> expected)
        {
            Span<byte> code = stackalloc byte[expected.Length];
            return mappings.Find(address) is { } mapping && IsStableCode(mapping)
                && TargetMemory.Read(threadId, address, code) == code.Length && code.SequenceEqual(expected);
        }
    }

    /// <summary>Finds the pieces, or null. Only in code that comes from a file or the kernel: generated code may change.</summary>
    internal static Gadgets? Find(int processId, IReadOnlyList<ProcessMapping> mappings)
    {
        ulong syscallReturn = 0, restorer = 0, popRax = 0, syscall = 0;
        byte[] buffer = new byte[ChunkSize];
        long searched = 0;
        foreach (ProcessMapping mapping in mappings.Where(IsStableCode).OrderByDescending(IsLikely))
        {
            // The chunks overlap by less than the shortest match that could be cut in two is long.
            for (ulong at = mapping.Start; at <= mapping.Last && searched < SearchLimit; at += (ulong)(ChunkSize - Restorer.Length + 1))
            {
                int wanted = (int)Math.Min(ChunkSize, mapping.Last - at + 1);
                ReadOnlySpan<byte> code = buffer.AsSpan(0, TargetMemory.Read(processId, at, buffer.AsSpan(0, wanted)));
                searched += code.Length;
                Search(code, SyscallRet, at, ref syscallReturn);
                Search(code, Restorer, at, ref restorer);
                Search(code, ShortRestorer, at, ref restorer);
                Search(code, PopRaxRet, at, ref popRax);
                Search(code, SyscallOnly, at, ref syscall);
                if (syscallReturn != 0 && restorer != 0)
                    return new Gadgets(syscallReturn, [restorer]);
            }
        }

        return syscallReturn != 0 && popRax != 0 ? new Gadgets(syscallReturn, [popRax, SignalReturnNumber, syscall]) : null;
    }

    private static bool IsStableCode(ProcessMapping mapping) =>
        mapping.Protection == (MappingProtection.Read | MappingProtection.Execute)
            && (mapping.Name == "[vdso]" || mapping.Name.StartsWith('/'));

    /// <summary>The C library and the loader have all of it; other code seldom has.</summary>
    private static bool IsLikely(ProcessMapping mapping) =>
        mapping.Name.Contains("/libc", StringComparison.Ordinal) || mapping.Name.Contains("/ld-", StringComparison.Ordinal);

    private static void Search(ReadOnlySpan<byte> code, ReadOnlySpan<byte> pattern, ulong start, ref ulong found)
    {
        if (found != 0)
            return;
        int offset = code.IndexOf(pattern);
        if (offset >= 0)
            found = start + (ulong)offset;
    }
}
