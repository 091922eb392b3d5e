using System.Globalization;
using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>
/// A child by fork that makes the system calls it gets over a pipe. It runs nothing but the few instructions below: neither the runtime nor
/// the C library works in the child of a process with threads.
/// </summary>
internal sealed unsafe class ForkServer : ISystemCalls
{
    private const int CommandBytes = 7 * sizeof(ulong);
    private const int WaitMilliseconds = 30_000;
    private const ulong DieWithParent = 1;
    private const ulong KillSignal = 9;
    private const ulong CloseOnExec = 0x80000;

    // fork; in the parent return; in the child: read 56 bytes, make the call, write 8 bytes, again; on a short read exit_group(0).
    private static readonly byte[] s_code =
    [
        0x53, 0x41, 0x54, 0x41, 0x55,             // push rbx; push r12; push r13
        0x89, 0xFB,                               // mov ebx, edi            the descriptor of the commands
        0x41, 0x89, 0xF4,                         // mov r12d, esi           the descriptor of the answers
        0x49, 0x89, 0xD5,                         // mov r13, rdx            the buffer, private to each process
        0xB8, 0x39, 0x00, 0x00, 0x00, 0x0F, 0x05, // mov eax, 57; syscall    fork
        0x48, 0x85, 0xC0,                         // test rax, rax
        0x74, 0x06,                               // jz child
        0x41, 0x5D, 0x41, 0x5C, 0x5B, 0xC3,       // pop r13; pop r12; pop rbx; ret
        0x89, 0xDF,                               // child: mov edi, ebx
        0x4C, 0x89, 0xEE,                         // mov rsi, r13
        0xBA, 0x38, 0x00, 0x00, 0x00,             // mov edx, 56
        0x31, 0xC0,                               // xor eax, eax
        0x0F, 0x05,                               // syscall                 read
        0x48, 0x83, 0xF8, 0x38,                   // cmp rax, 56
        0x75, 0x36,                               // jne exit
        0x49, 0x8B, 0x45, 0x00,                   // mov rax, [r13]
        0x49, 0x8B, 0x7D, 0x08,                   // mov rdi, [r13+8]
        0x49, 0x8B, 0x75, 0x10,                   // mov rsi, [r13+16]
        0x49, 0x8B, 0x55, 0x18,                   // mov rdx, [r13+24]
        0x4D, 0x8B, 0x55, 0x20,                   // mov r10, [r13+32]
        0x4D, 0x8B, 0x45, 0x28,                   // mov r8, [r13+40]
        0x4D, 0x8B, 0x4D, 0x30,                   // mov r9, [r13+48]
        0x0F, 0x05,                               // syscall
        0x49, 0x89, 0x45, 0x00,                   // mov [r13], rax
        0x44, 0x89, 0xE7,                         // mov edi, r12d
        0x4C, 0x89, 0xEE,                         // mov rsi, r13
        0xBA, 0x08, 0x00, 0x00, 0x00,             // mov edx, 8
        0xB8, 0x01, 0x00, 0x00, 0x00,             // mov eax, 1
        0x0F, 0x05,                               // syscall                 write
        0xEB, 0xB6,                               // jmp child
        0x31, 0xFF,                               // exit: xor edi, edi
        0xB8, 0xE7, 0x00, 0x00, 0x00,             // mov eax, 231
        0x0F, 0x05,                               // syscall                 exit_group
    ];

    private static readonly DirectSystemCalls s_calls = new();
    private static readonly ulong s_page = MakePage();

    private readonly int _commands;
    private readonly int _answers;
    private bool _isDisposed;

    internal ForkServer()
    {
        int* pipes = stackalloc int[4];
        Require(s_calls.Call(CallNumber.Pipe, (ulong)pipes, CloseOnExec));
        Require(s_calls.Call(CallNumber.Pipe, (ulong)(pipes + 2), CloseOnExec));
        var fork = (delegate* unmanaged<int, int, ulong, long>)s_page;
        ProcessId = (int)Require(fork(pipes[0], pipes[3], s_page + 2048));
        s_calls.Call(CallNumber.Close, (ulong)pipes[0]);
        s_calls.Call(CallNumber.Close, (ulong)pipes[3]);
        (_commands, _answers) = (pipes[1], pipes[2]);
        Call(CallNumber.ProcessControl, DieWithParent, KillSignal);
        Call(CallNumber.Close, (ulong)_commands);
        Call(CallNumber.Close, (ulong)_answers);
    }

    public int ProcessId { get; }

    public long Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0)
    {
        ulong* command = stackalloc ulong[] { (ulong)number, a, b, c, d, e, f };
        Require(s_calls.Call(CallNumber.Write, (ulong)_commands, (ulong)command, CommandBytes));
        ulong poll = (uint)_answers | (1ul << 32);
        long ready = s_calls.Call(CallNumber.Poll, (ulong)&poll, 1, WaitMilliseconds);
        long result = 0;
        if (ready != 1 || s_calls.Call(CallNumber.Read, (ulong)_answers, (ulong)&result, sizeof(long)) != sizeof(long))
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The child {ProcessId} does not answer."));
        return result;
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        s_calls.Call(CallNumber.Close, (ulong)_commands);
        s_calls.Call(CallNumber.Close, (ulong)_answers);

        // Not by closing the pipe alone: a child forked later has its other end too.
        s_calls.Call(CallNumber.Kill, (ulong)ProcessId, KillSignal);
        s_calls.Call(CallNumber.Wait, (ulong)ProcessId, 0, 0);
    }

    private static ulong MakePage()
    {
        const ulong readWriteExecute = 7;
        const ulong privateAnonymous = 0x22;
        ulong page = (ulong)Require(s_calls.Call(
            CallNumber.Map, 0, MirroredMemory.PageBytes, readWriteExecute, privateAnonymous, ulong.MaxValue, 0));
        s_code.CopyTo(new Span<byte>((void*)page, MirroredMemory.PageBytes));
        return page;
    }

    private static long Require(long result) => result >= 0
        ? result : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"A system call failed with error {-result}."));
}
