using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Linux;
using MmuNotifier.Linux.Own;
using MmuNotifier.Linux.Ptrace;
using MmuNotifier.Linux.Tests.Killer;

// fork: forks its own memory, tells the child's number, and waits until its input ends.
if (args[0] == "fork")
{
    using OwnMemory memory = new();
    using var child = (OwnMemory)memory.Fork();
    Console.WriteLine(child.ProcessId);
    Console.In.Read();
    return 0;
}

// descriptors: makes watches of its own memory while only some descriptors are left.
if (args[0] == "descriptors")
{
    FewDescriptors.Run();
    return 0;
}

// locked BYTES: makes a watch of its own memory while only so many bytes may be locked; tells what its perf events lock.
if (args[0] == "locked")
{
    LittleLockable.Run(ulong.Parse(args[1], CultureInfo.InvariantCulture));
    return 0;
}

// attach STEP PID  |  launch STEP PROGRAM ARGS...  |  freeze STEP PID
// Injects a userfaultfd, and makes a holder of the memory of what it launches; or freezes and lets go. Dies by SIGKILL after that step; step 0
// is never reached. Tells each step on standard error.
int fatal = int.Parse(args[1], CultureInfo.InvariantCulture);
int count = 0;
using PtraceThread thread = new();
try
{
    if (args[0] == "launch")
    {
        using LaunchedProgram program = ProgramLauncher.Launch(thread, args[2], args[3..], afterStep: Step);
        UserfaultfdInjection.Create(program.Stopped).Handle.Dispose();
        using MemoryHolder? holder = MemoryHolder.TryCreate(program.Stopped);
        program.Stopped.Release();
        Console.Error.WriteLine("done");
        return holder is null ? 3 : program.WaitForExitAsync().Result;
    }

    if (args[0] == "freeze")
    {
        int processId = int.Parse(args[2], CultureInfo.InvariantCulture);
        StoppedProcess.TryFreeze(thread, processId, afterStep: Step, sleepers: SleepSurvey.Take(processId)).Process?.Dispose();
        Console.Error.WriteLine("done");
        return 0;
    }

    UserfaultfdInjection.Create(thread, int.Parse(args[2], CultureInfo.InvariantCulture), afterStep: Step).Handle.Dispose();
    Console.Error.WriteLine("done");
    return 0;
}
catch (ProcessAttachException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

void Step(string name)
{
    count++;
    if (count != fatal)
    {
        if (fatal == 0)
            Console.Error.WriteLine(name);
        return;
    }

    // The last words go out by one write before the end; the process does not return from Kill.
    Console.Error.WriteLine("killed after " + name);
    Process.GetCurrentProcess().Kill();
    Thread.Sleep(Timeout.Infinite);
}
