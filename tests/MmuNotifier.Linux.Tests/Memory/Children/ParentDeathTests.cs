using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Linux.Tests.Memory.Children;

public sealed class ParentDeathTests
{
    [Fact]
    public async Task A_child_ends_when_its_parent_is_killed()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Linux.Tests.LinuxMemoryProgram.dll");
        using var parent = Process.Start(new ProcessStartInfo("dotnet", [program, "fork"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        using var limit = new CancellationTokenSource(Patience.Limit);
        try
        {
            string? line = await parent.StandardOutput.ReadLineAsync(limit.Token);
            int child = int.Parse(line!, CultureInfo.InvariantCulture);
            Assert.True(IsRunning(child));
            parent.Kill();
            await parent.WaitForExitAsync(limit.Token);
            while (IsRunning(child))
                await Task.Delay(20, limit.Token);
        }
        finally
        {
            parent.Kill();
        }
    }

    // The process that inherits it may leave it a zombie.
    private static bool IsRunning(int process)
    {
        try
        {
            string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return status[(status.LastIndexOf(')') + 2)..][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
