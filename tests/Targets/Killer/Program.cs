using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Processes;

// attach STEP PID  |  launch STEP PROGRAM ARGS...  |  freeze STEP PID
// Injects a userfaultfd, and makes a holder of the memory of what it launches; or freezes and lets go. Dies by SIGKILL after that step;
// step 0 is never reached. Tells each step on standard error.
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
        return holder is null ? 3 : program.WaitForExit(Timeout.InfiniteTimeSpan)!.Value;
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
        Console.Error.WriteLine(name);
        return;
    }

    // The last words go out by one write before the end; the process does not return from Kill.
    Console.Error.WriteLine("killed after " + name);
    Process.GetCurrentProcess().Kill();
    Thread.Sleep(Timeout.Infinite);
}
