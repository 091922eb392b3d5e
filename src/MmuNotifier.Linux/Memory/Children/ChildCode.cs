using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// All that a child runs: neither the runtime nor the C library works in the child of a process with threads. With every signal blocked,
/// for handlers belong to the runtime.
/// </summary>
internal static unsafe class ChildCode
{
    internal const int CloneNumber = 56;

    // Called with the new child's slot; returns the child's number or the error negated, in the parent only.
    private static readonly byte[] s_code =
    [
        0x53,                                     // push rbx
        0x41, 0x54,                               // push r12
        0x48, 0x89, 0xFB,                         // mov rbx, rdi             the slot
        0xB8, 0x0E, 0x00, 0x00, 0x00,             // mov eax, 14              rt_sigprocmask
        0xBF, 0x02, 0x00, 0x00, 0x00,             // mov edi, 2               SIG_SETMASK
        0x48, 0x8D, 0x73, 0x48,                   // lea rsi, [rbx+72]        AllSignals
        0x48, 0x8D, 0x53, 0x50,                   // lea rdx, [rbx+80]        SavedSignals
        0x41, 0xBA, 0x08, 0x00, 0x00, 0x00,       // mov r10d, 8
        0x0F, 0x05,                               // syscall
        0xB8, 0x38, 0x00, 0x00, 0x00,             // mov eax, 56              clone, with no signal at the exit: nobody else waits for it
        0x31, 0xFF,                               // xor edi, edi
        0x31, 0xF6,                               // xor esi, esi
        0x31, 0xD2,                               // xor edx, edx
        0x45, 0x31, 0xD2,                         // xor r10d, r10d
        0x45, 0x31, 0xC0,                         // xor r8d, r8d
        0x0F, 0x05,                               // syscall
        0x48, 0x85, 0xC0,                         // test rax, rax
        0x74, 0x22,                               // jz serve
        0x49, 0x89, 0xC4,                         // mov r12, rax
        0xB8, 0x0E, 0x00, 0x00, 0x00,             // mov eax, 14              rt_sigprocmask
        0xBF, 0x02, 0x00, 0x00, 0x00,             // mov edi, 2               SIG_SETMASK
        0x48, 0x8D, 0x73, 0x50,                   // lea rsi, [rbx+80]        SavedSignals
        0x31, 0xD2,                               // xor edx, edx
        0x41, 0xBA, 0x08, 0x00, 0x00, 0x00,       // mov r10d, 8
        0x0F, 0x05,                               // syscall
        0x4C, 0x89, 0xE0,                         // mov rax, r12
        0x41, 0x5C,                               // pop r12
        0x5B,                                     // pop rbx
        0xC3,                                     // ret
        0x8B, 0x13,                               // serve: mov edx, [rbx]    State
        0x83, 0xFA, 0x01,                         // cmp edx, 1               Asked
        0x74, 0x25,                               // je asked
        0x48, 0x89, 0xDF,                         // mov rdi, rbx
        0x31, 0xF6,                               // xor esi, esi             FUTEX_WAIT
        0x4C, 0x8D, 0x53, 0x58,                   // lea r10, [rbx+88]        Interval
        0xB8, 0xCA, 0x00, 0x00, 0x00,             // mov eax, 202             futex
        0x0F, 0x05,                               // syscall
        0xB8, 0x6E, 0x00, 0x00, 0x00,             // mov eax, 110             getppid
        0x0F, 0x05,                               // syscall
        0x3B, 0x43, 0x40,                         // cmp eax, [rbx+64]        ParentId
        0x74, 0xDD,                               // je serve
        0x31, 0xFF,                               // xor edi, edi
        0xB8, 0xE7, 0x00, 0x00, 0x00,             // mov eax, 231             exit_group
        0x0F, 0x05,                               // syscall
        0x4C, 0x8B, 0x63, 0x08,                   // asked: mov r12, [rbx+8]  NumberOrResult
        0x4C, 0x89, 0xE0,                         // mov rax, r12
        0x48, 0x8B, 0x7B, 0x10,                   // mov rdi, [rbx+16]        Arguments
        0x48, 0x8B, 0x73, 0x18,                   // mov rsi, [rbx+24]
        0x48, 0x8B, 0x53, 0x20,                   // mov rdx, [rbx+32]
        0x4C, 0x8B, 0x53, 0x28,                   // mov r10, [rbx+40]
        0x4C, 0x8B, 0x43, 0x30,                   // mov r8, [rbx+48]
        0x4C, 0x8B, 0x4B, 0x38,                   // mov r9, [rbx+56]
        0x0F, 0x05,                               // syscall
        0x49, 0x83, 0xFC, 0x38,                   // cmp r12, 56              clone: not from the slot, which may have the next call by now
        0x75, 0x0A,                               // jne answer
        0x48, 0x85, 0xC0,                         // test rax, rax
        0x75, 0x05,                               // jnz answer
        0x4C, 0x89, 0xCB,                         // mov rbx, r9              the child's child: its slot is the sixth argument
        0xEB, 0xA3,                               // jmp serve
        0x48, 0x89, 0x43, 0x08,                   // answer: mov [rbx+8], rax NumberOrResult
        0xC7, 0x03, 0x00, 0x00, 0x00, 0x00,       // mov dword [rbx], 0       Answered; x86 keeps the order of stores
        0x48, 0x89, 0xDF,                         // mov rdi, rbx
        0xBE, 0x01, 0x00, 0x00, 0x00,             // mov esi, 1               FUTEX_WAKE
        0xBA, 0x01, 0x00, 0x00, 0x00,             // mov edx, 1
        0xB8, 0xCA, 0x00, 0x00, 0x00,             // mov eax, 202             futex
        0x0F, 0x05,                               // syscall
        0xEB, 0x83,                               // jmp serve
    ];

    private static readonly nint s_entry = Place();

    /// <summary>Makes a child that serves the slot.</summary>
    /// <returns>Its number, or the error negated.</returns>
    internal static long Fork(ChildSlot* slot) =>
        s_entry == 0 ? -(long)Errno.NoMemory : ((delegate* unmanaged<ChildSlot*, long>)s_entry)(slot);

    // Never writable and executable at once.
    private static nint Place()
    {
        const int privateAnonymous = 0x22;
        long page = Syscall.MapAnonymous(
            0, MirroredMemory.PageBytes, (int)(Protection.Read | Protection.Write), privateAnonymous, 0);
        if (page < 0)
            return 0;
        s_code.CopyTo(new Span<byte>((void*)page, MirroredMemory.PageBytes));
        Errno error = Syscall.Protect((ulong)page, MirroredMemory.PageBytes, (int)(Protection.Read | Protection.Execute));
        return error == Errno.None ? (nint)page : 0;
    }
}
