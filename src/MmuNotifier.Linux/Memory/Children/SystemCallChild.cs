using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// A process made by fork, with a copy of this one's memory, that makes the system calls that its parent asks for. Every one is a child of
/// this process, also one that a child forked, so that each lives until it is disposed. A child ends within a second of this process's own
/// end.
/// </summary>
/// <remarks>Any thread may call; one call at a time is made, the others wait.</remarks>
internal sealed unsafe class SystemCallChild : IDisposable
{
    private const int LookMilliseconds = 100;
    private const int MaxCallMilliseconds = 30_000;
    private const int MaxExitMilliseconds = 30_000;
    private const int KillSignal = 9;

    private readonly Lock _lock = new();
    private readonly ChildSlot* _slot;
    private readonly ProcessDescriptor _process;
    private bool _hasExited;
    private bool _isDisposed;

    private SystemCallChild(ChildSlot* slot, ProcessDescriptor process)
    {
        _slot = slot;
        _process = process;
    }

    /// <summary>The number of the process; another process may get it only after the child was disposed.</summary>
    internal int ProcessId => _process.ProcessId;

    /// <summary>A child of this process, of the moment of the call; null with the error.</summary>
    internal static SystemCallChild? ForkThis(out Errno error)
    {
        ChildSlot* slot = ChildSlots.Take();
        if (slot is not null)
            return Adopt(slot, ChildCode.Fork(slot), out error);
        error = Errno.NoMemory;
        return null;
    }

    /// <summary>A child of the child; null with the error.</summary>
    internal SystemCallChild? Fork(out Errno error)
    {
        const ulong siblingNotChild = 0x8000;
        ChildSlot* slot = ChildSlots.Take();
        if (slot is not null)
            return Adopt(slot, Call(ChildCode.CloneNumber, siblingNotChild, 0, 0, 0, 0, (ulong)slot), out error);
        error = Errno.NoMemory;
        return null;
    }

    /// <summary>Has the child make one system call. One that takes longer than 30 s ends the child.</summary>
    /// <returns>A result that is not negative, or the error negated: NoProcess when the child has gone.</returns>
    internal long Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0)
    {
        lock (_lock)
        {
            if (_hasExited)
                return -(long)Errno.NoProcess;
            _slot->NumberOrResult = number;
            _slot->Arguments[0] = a;
            _slot->Arguments[1] = b;
            _slot->Arguments[2] = c;
            _slot->Arguments[3] = d;
            _slot->Arguments[4] = e;
            _slot->Arguments[5] = f;
            Volatile.Write(ref _slot->State, ChildSlot.Asked);
            Syscall.Wake(&_slot->State);
            long begin = Environment.TickCount64;
            while (Volatile.Read(ref _slot->State) == ChildSlot.Asked)
            {
                Syscall.WaitWhile(&_slot->State, ChildSlot.Asked, LookMilliseconds);
                long waited = Environment.TickCount64 - begin;
                if (waited < LookMilliseconds || Volatile.Read(ref _slot->State) == ChildSlot.Answered)
                    continue;
                if (waited > MaxCallMilliseconds)
                    _process.SendSignal(KillSignal);
                if (!_process.WaitForExit(waited > MaxCallMilliseconds ? MaxExitMilliseconds : 0))
                    continue;
                _hasExited = true;
                return -(long)Errno.NoProcess;
            }

            return _slot->NumberOrResult;
        }
    }

    /// <summary>Opens, in the child, a file that this process has open.</summary>
    /// <returns>The child's descriptor, or the error negated.</returns>
    internal long Open(SafeFileHandle file)
    {
        const int openAt = 257;
        const ulong readWriteCloseOnExec = 0x80002;
        bool counted = false;
        try
        {
            file.DangerousAddRef(ref counted);
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{file.DangerousGetHandle()}\0");
            lock (_lock)
            {
                Encoding.ASCII.GetBytes(path, new Span<byte>(_slot->Text, ChildSlot.TextBytes));
                return Call(openAt, 0, (ulong)_slot->Text, readWriteCloseOnExec);
            }
        }
        finally
        {
            if (counted)
                file.DangerousRelease();
        }
    }

    /// <summary>Ends the child and waits until nothing is left of it, at most 30 s.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _hasExited = true;
            _process.SendSignal(KillSignal);

            // A slot whose child might still write to it is not used again.
            if (_process.WaitForExit(MaxExitMilliseconds) && Syscall.Reap(ProcessId) == Errno.None)
                ChildSlots.Return(_slot);
            _process.Dispose();
        }
    }

    private static SystemCallChild? Adopt(ChildSlot* slot, long result, out Errno error)
    {
        error = Syscall.ErrorOf(result);
        if (error != Errno.None)
        {
            // Where a child ended in the middle of its fork, its child may be there: it gets the request to exit, and keeps the slot.
            slot->ParentId = 0;
            if (error != Errno.NoProcess)
                ChildSlots.Return(slot);
            return null;
        }

        // Nobody else reaps it, so the number is still its own.
        ProcessDescriptor? process = ProcessDescriptor.Open((int)result, out error);
        if (process is not null)
            return new SystemCallChild(slot, process);
        slot->ParentId = 0;
        Syscall.Wake(&slot->State);
        if (Syscall.Reap((int)result) == Errno.None)
            ChildSlots.Return(slot);
        return null;
    }
}
