using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MmuNotifier.Tests.Misuse;

/// <summary>The switch is fixed for the life of a process, so these start one; see its Program.cs.</summary>
public class SwitchTests
{
    private const string Switch = "MmuNotifier.MisuseValidation.IsSupported";

    [Fact]
    public void On_it_tells_misuse_and_allocates_nothing_once_it_knows_the_locks() => AssertTells(Run(true), isOn: true);

    [Fact]
    public void Off_it_tells_nothing_and_allocates_nothing() => AssertTells(Run(false), isOn: false);

    [Fact]
    public void Not_set_it_is_on_in_debug_builds_of_the_application()
    {
        string[] lines = Run(null);

        AssertTells(lines, isOn: lines[0] == "debug build: True");
    }

    private static void AssertTells(string[] lines, bool isOn)
    {
        string outcome = isOn ? "reported" : "fine";
        Assert.Equal(
            [
                $"wait in callback: {outcome}",
                "callback takes the locks: fine",
                $"wait under lock: {outcome}",
                $"wait under declared lock: {outcome}",
                $"start under lock: {outcome}",
                "bytes allocated: 0",
            ],
            lines[1..]);
    }

    private static string[] Run(bool? isOn)
    {
        string program = Program();
        string file = Path.ChangeExtension(program, "runtimeconfig.json");
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(file))!;
        JsonObject properties = configuration["runtimeOptions"]!["configProperties"]!.AsObject();
        Assert.True(properties.Remove(Switch));
        if (isOn is { } value)
            properties[Switch] = value;
        string changed = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.runtimeconfig.json");
        try
        {
            File.WriteAllText(changed, configuration.ToJsonString());
            using Process process = Process.Start(
                new ProcessStartInfo("dotnet", ["exec", "--runtimeconfig", changed, program]) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(Patience.Limit));
            Assert.Equal(0, process.ExitCode);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(changed);
        }
    }

    private static string Program()
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory);
        string tests = bin.Parent!.Parent!.Parent!.Parent!.FullName;
        const string Name = "MmuNotifier.Tests.Unvalidated";
        return Path.Combine(tests, Name, "bin", bin.Parent.Name, bin.Name, Name + ".dll");
    }
}
