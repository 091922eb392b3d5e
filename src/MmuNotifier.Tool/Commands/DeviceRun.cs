using System.Runtime.InteropServices;
using MmuNotifier.Linux;
using MmuNotifier.Linux.Userfaultfd;
using MmuNotifier.Tool.Device;

namespace MmuNotifier.Tool.Commands;

/// <summary>Carries <c>mmun device</c> out: the server, the program, signals, exit code.</summary>
internal static class DeviceRun
{
    internal static int Execute(IReadOnlyList<string> command)
    {
        DeviceProgram? program = null;
        // A terminal sends these to the program as well; mmun ends when the program has.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => context.Cancel = true);
        using PosixSignalRegistration terminate = PassOn(PosixSignal.SIGTERM, () => program);
        using PosixSignalRegistration hangUp = PassOn(PosixSignal.SIGHUP, () => program);
        try
        {
            RequireUserfaultfd();
            using var server = new DeviceServer();
            using (program = DeviceProgram.Launch(command, server.SocketPath))
            {
                int exitCode = program.WaitForExit();
                server.WaitForPrograms();
                return exitCode;
            }
        }
        catch (ProcessAttachException refusal)
        {
            Console.Error.WriteLine($"mmun: {refusal.Message}");
            return ExitCodes.Impossible;
        }
    }

    /// <summary>
    /// The program will make a userfaultfd that also answers faults of the kernel, in its system calls; with the rights that we have.
    /// </summary>
    private static void RequireUserfaultfd()
    {
        if (KernelProbe.Run().DescribeMissing() is { } missing)
            throw new ProcessAttachException(missing);
        using var userfaultfd = UserfaultfdDescriptor.Create(userModeOnly: false, out _);
        if (userfaultfd is null)
        {
            throw new ProcessAttachException(
                "The device needs permission for userfaultfd (CAP_SYS_PTRACE or vm.unprivileged_userfaultfd=1), for it takes pages"
                + " away from the program's system calls too: run mmun as root.");
        }
    }

    private static PosixSignalRegistration PassOn(PosixSignal signal, Func<DeviceProgram?> program) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            program()?.Signal(signal);
        });
}
