extern alias tool;
using MmuNotifier.Processes;
using tool::MmuNotifier.Tool.Device;

namespace MmuNotifier.FaultInjection;

/// <summary>Serves the device to a program that checks its own memory; its commands may fail.</summary>
internal sealed class DeviceOperation(string program) : Operation
{
    internal override string Name => "device";

    internal override string? Run(Injector injector, FaultCase? faultCase)
    {
        injector.Arm(faultCase);
        try
        {
            using var server = new DeviceServer();
            using DeviceProgram served = DeviceProgram.Launch([program], server.SocketName);
            int exitCode = served.WaitForExit();
            server.WaitForPrograms();
            injector.Disarm();
            return exitCode is 0 or 2 ? null : $"the program ends with {exitCode}";
        }
        catch (ProcessAttachException refusal)
        {
            return CheckMessage(refusal.Message);
        }
        finally
        {
            injector.Disarm();
        }
    }
}
