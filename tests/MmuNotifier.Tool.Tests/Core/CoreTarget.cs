using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>tests/Targets/Native/counters.c, running: it knows what a debugger must show of it.</summary>
internal sealed partial class CoreTarget : IDisposable
{
    internal const int Depth = 10; // Of the first sleeping thread; one more for each of the others.

    private readonly NativeTarget _program;
    private readonly RunningTarget _running;

    /// <param name="mebibytes">Its memory.</param>
    /// <param name="sleepers">Threads that sleep.</param>
    /// <param name="isInContainer">Whether it runs in a mount namespace of its own, from a file that is only there.</param>
    /// <param name="isStatic">Whether it is linked statically, and without a build ID.</param>
    internal CoreTarget(int mebibytes = 16, int sleepers = 3, bool isInContainer = false, bool isStatic = false)
    {
        string[] linking = isStatic ? ["-static", "-Wl,--build-id=none"] : [];
        _program = new NativeTarget("counters", ["-g", "-pthread", .. linking]);
        string[] arguments = [mebibytes.ToString(CultureInfo.InvariantCulture), sleepers.ToString(CultureInfo.InvariantCulture)];
        const string inContainer = "mount -t tmpfs tmpfs /mnt && cp \"$0\" /mnt/inside && exec /mnt/inside \"$@\"";
        _running = isInContainer
            ? new RunningTarget(["unshare", "-m", "sh", "-c", inContainer, _program.Program, .. arguments])
            : new RunningTarget([_program.Program, .. arguments]);
        Addresses = [.. _running.ReadLine().Split(' ')[1..].Select(word => Convert.ToUInt64(word, 16))];
    }

    /// <summary>
    /// The first and the second counter, the chain, three pages of which the second is excluded, a forbidden page, memory.
    /// </summary>
    internal ulong[] Addresses { get; }

    internal string Program => _program.Program;

    internal string Id => _running.Id;

    internal int ProcessId => _running.ProcessId;

    internal string Core => Path.Combine(_program.Folder, "core");

    /// <summary>Takes a core as a user does, and checks that the target still runs.</summary>
    internal Mmun TakeCore(params string[] options)
    {
        // A machine under load stops for longer than the limit for users: how long is not what is tested here.
        Mmun mmun = Mmun.Run(["core", "--pid", Id, "-o", Core, "--max-stop", "20000", .. options]);
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        _running.AssertUnharmed();
        return mmun;
    }

    /// <summary>What a debugger prints.</summary>
    internal static string Run(string program, params string[] arguments)
    {
        Machine.Require(program);
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit), $"{program} does not end");
        return output + errors.Result;
    }

    /// <summary>The numbers that gdb has printed.</summary>
    internal static long[] ValuesIn(string shown) =>
        [.. Value().Matches(shown).Select(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    internal void AssertUnharmed() => _running.AssertUnharmed();

    internal string Gdb(params string[] commands) => GdbOf(Core, commands);

    internal string GdbOf(string core, params string[] commands)
    {
        string script = Path.Combine(_program.Folder, "script");
        File.WriteAllLines(script, commands);
        return Run("gdb", "-nx", "-batch", "-x", script, Program, core);
    }

    public void Dispose()
    {
        _running.Dispose();
        _program.Dispose();
    }

    [GeneratedRegex(@"^\$\d+ = (-?\d+)$", RegexOptions.Multiline)]
    private static partial Regex Value();
}
