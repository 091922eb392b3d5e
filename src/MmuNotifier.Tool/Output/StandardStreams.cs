using System.Text;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Output;

/// <summary>
/// Puts <see cref="StandardStream"/> in the place of the streams of <see cref="Console"/>, so that no command loses output unnoticed.
/// </summary>
internal static class StandardStreams
{
    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;
    private const int GetDescriptorFlags = 1;
    private const int ClosesOnExec = 1;

    /// <summary>Runs a command; if its output is closed or cannot be written, says so in one line.</summary>
    /// <param name="failureCode">The exit code then.</param>
    /// <param name="command">Writes by <see cref="Console"/>.</param>
    /// <returns>The exit code of the command, or <paramref name="failureCode"/>.</returns>
    internal static async Task<int> RunAsync(int failureCode, Func<Task<int>> command)
    {
        try
        {
            if (IsClosed(ErrorDescriptor))
                return failureCode;
            Console.SetError(WriterOn(ErrorDescriptor, "Standard error"));
            if (IsClosed(OutputDescriptor))
                throw new OutputLostException("Standard output is closed: send it to a file, or to /dev/null if nobody wants it.");
            Console.SetOut(WriterOn(OutputDescriptor, "Standard output"));
            return await command().ConfigureAwait(false);
        }
        catch (OutputLostException lost)
        {
            Report(lost);
            return failureCode;
        }
        finally
        {
            Terminal.RestoreKeys();
        }
    }

    /// <summary>
    /// Whether the descriptor was closed when this process was executed. What exec leaves open does not close on exec; so a descriptor that
    /// does is a later one, which the runtime has opened in the free place, and must not be written.
    /// </summary>
    private static bool IsClosed(int descriptor)
    {
        int flags = Syscall.SpawnDescriptorFlags(descriptor, GetDescriptorFlags, 0);
        return flags < 0 || (flags & ClosesOnExec) != 0;
    }

    private static StreamWriter WriterOn(int descriptor, string name) =>
        new(new StandardStream(descriptor, name), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    private static void Report(OutputLostException lost)
    {
        try
        {
            Console.Error.WriteLine($"mmun: {lost.Message}");
        }
        catch (OutputLostException)
        {
            // Standard error is lost as well: the exit code has to say it.
        }
    }
}
