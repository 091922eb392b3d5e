using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>The program that is served: a child with our standard input, output and error.</summary>
internal sealed class DeviceProgram : IDisposable
{
    private readonly Process _process;

    private DeviceProgram(Process process) => _process = process;

    /// <summary>Launches it.</summary>
    /// <exception cref="ProcessAttachException">It cannot be, or cannot be served.</exception>
    internal static DeviceProgram Launch(IReadOnlyList<string> command, string socketName)
    {
        string library = PreloadLibrary.Find();
        string path = ProgramPath.Resolve(command[0]);
        ProgramCheck.Require(path);
        var start = new ProcessStartInfo(path, command.Skip(1)) { UseShellExecute = false };
        start.Environment.TryGetValue(PreloadLibrary.LinkerVariable, out string? before);
        start.Environment[PreloadLibrary.LinkerVariable] = PreloadLibrary.Prepend(library, before);
        start.Environment[PreloadLibrary.SocketVariable] = socketName;
        try
        {
            return new DeviceProgram(Process.Start(start)!);
        }
        catch (Win32Exception problem)
        {
            throw new ProcessAttachException($"{path} could not be executed: {problem.Message}.", problem);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code; 128 and the signal if one ended it.</returns>
    internal int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Passes a signal on.</summary>
    internal void Signal(PosixSignal signal)
    {
        int number = signal switch
        {
            PosixSignal.SIGHUP => 1,
            _ => 15,
        };
        using MmuNotifier.Linux.ProcessDescriptor? target = MmuNotifier.Linux.ProcessDescriptor.Open(_process.Id, out _);
        target?.SendSignal(number);
    }

    public void Dispose() => _process.Dispose();
}
