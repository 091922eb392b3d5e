using System.Runtime.InteropServices;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Device;

namespace MmuNotifier.Tool.Commands;

/// <summary>Carries <c>mmun device</c> out: the server, the program, signals, exit code.</summary>
internal static class DeviceRun
{
    internal static int Execute(IReadOnlyList<string> command)
    {
        // A terminal sends these to the program as well; mmun ends when the program has.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => context.Cancel = true);
        using var relay = new SignalRelay();
        try
        {
            RequireUserfaultfd();
            using var server = new DeviceServer();
            using DeviceProgram program = DeviceProgram.Launch(command, server.SocketName);
            relay.PassTo(program);
            int exitCode = program.WaitForExit();
            relay.PassTo(null);
            server.WaitForPrograms();
            return exitCode;
        }
        catch (ProcessAttachException refusal)
        {
            Console.Error.WriteLine($"mmun: {refusal.Message}");
            return LaunchFailure.CodeOf(command[0]);
        }
    }

    /// <summary>
    /// The program will make a userfaultfd that also answers faults of the kernel, in its system calls; with the rights that we have.
    /// </summary>
    private static void RequireUserfaultfd()
    {
        if (RemoteMemory.WhyUnsupported() is { } missing)
            throw new ProcessAttachException(missing);
        if (!RemoteMemory.IsPermitted())
        {
            throw new ProcessAttachException(
                "The device needs permission for userfaultfd (CAP_SYS_PTRACE or vm.unprivileged_userfaultfd=1), for it takes pages"
                + " away from the program's system calls too: run mmun as root.");
        }
    }
}
