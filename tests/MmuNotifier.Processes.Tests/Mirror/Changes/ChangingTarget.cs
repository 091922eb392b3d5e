using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MmuNotifier.Processes.Tests.Mirror.Changes;

/// <summary>Targets/Native/changing.c as a root process with one child, and what can happen to either.</summary>
/// <remarks>A shell is in between: the runtime would take the stops of a child of its own for its end.</remarks>
internal sealed partial class ChangingTarget : IDisposable
{
    private const int Exit = 34, Execute = 35, EndThread = 36, Ping = 37;
    private const int Kill = 9, Continue = 18, Stop = 19;

    private static readonly TimeSpan LineLimit = TimeSpan.FromSeconds(20);

    private readonly Process _shell;
    private readonly BlockingCollection<string> _lines = [];
    private readonly List<CgroupFreezer> _freezers = [];
    private readonly string _numberProgram;
    private Process? _stranger;

    /// <param name="program">changing.c, compiled.</param>
    /// <param name="numberProgram">number.c, compiled.</param>
    internal ChangingTarget(string program, string numberProgram)
    {
        _numberProgram = numberProgram;
        _shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" root & wait", program]) { RedirectStandardOutput = true })!;
        _shell.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                _lines.Add(text);
        };
        _shell.BeginOutputReadLine();
        string[] numbers = ReadLine().Split(' ');
        Root = int.Parse(numbers[0], CultureInfo.InvariantCulture);
        Child = int.Parse(numbers[1], CultureInfo.InvariantCulture);
    }

    internal int Root { get; }

    internal int Child { get; }

    internal static bool Ends(TargetChange change) => change is TargetChange.Exits or TargetChange.IsKilled or TargetChange.NumberIsReused;

    internal static bool Freezes(TargetChange change) =>
        change is TargetChange.IsFrozenByFirstVersion or TargetChange.IsFrozenBySecondVersion or TargetChange.IsStoppedAndFrozen;

    /// <summary>Whether this machine can make it happen.</summary>
    internal static bool IsPossible(TargetChange change)
    {
        if (!Freezes(change))
            return true;
        using CgroupFreezer? freezer = CgroupFreezer.TryCreate(change == TargetChange.IsFrozenBySecondVersion ? 2 : 1);
        return freezer is not null;
    }

    /// <summary>Makes it happen, and gives it a moment to. It comes about later where the process is stopped meanwhile.</summary>
    internal void Change(int victim, TargetChange change)
    {
        switch (change)
        {
            case TargetChange.Exits: _ = SendSignal(victim, Exit); break;
            case TargetChange.IsKilled: _ = SendSignal(victim, Kill); break;
            case TargetChange.NumberIsReused:
                _stranger = Process.Start(_numberProgram, [$"{victim}"]);
                _ = SendSignal(victim, Kill);
                break;
            case TargetChange.MainThreadExecutes: _ = SendToThread(victim, victim, Execute); break;
            case TargetChange.OtherThreadExecutes: _ = SendToThread(victim, OtherThread(victim), Execute); break;
            case TargetChange.MainThreadEnds: _ = SendToThread(victim, victim, EndThread); break;
            case TargetChange.OtherThreadEnds: _ = SendToThread(victim, OtherThread(victim), EndThread); break;
            case TargetChange.IsStopped: _ = SendSignal(victim, Stop); break;
            case TargetChange.IsFrozenByFirstVersion: Freeze(victim, 1); break;
            case TargetChange.IsFrozenBySecondVersion: Freeze(victim, 2); break;
            case TargetChange.IsStoppedAndFrozen:
                _ = SendSignal(victim, Stop);
                Thread.Sleep(5);
                Freeze(victim, 1);
                break;
        }

        Thread.Sleep(5);
    }

    /// <summary>Checks that the process lives, nobody traces or watches it, and it answers.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="cell">Where and what, for messages.</param>
    /// <param name="mayKeepDescriptor">
    /// It may have a userfaultfd of ours, without registrations: documented for one that is frozen in the middle of the call that makes it.
    /// </param>
    internal void AssertUnharmed(int processId, string cell, bool mayKeepDescriptor = false)
    {
        foreach (CgroupFreezer freezer in _freezers)
            freezer.Thaw();
        _ = SendSignal(processId, Continue);
        Assert.True(
            SpinWait.SpinUntil(() => Tracers(processId).All(tracer => tracer == "TracerPid:\t0"), TimeSpan.FromSeconds(5)),
            $"{cell}: traced: {string.Join(' ', Tracers(processId))}");
        int thread = LiveThread.Find(processId);
        Assert.True(thread != 0, $"{cell}: process {processId} has ended");
        Assert.False(!mayKeepDescriptor && HasUserfaultfd(thread), $"{cell}: process {processId} has a userfaultfd");
        Assert.Equal(0, SendSignal(processId, Ping));
        Assert.Equal($"pong {processId}", ReadLine());
    }

    private static bool HasUserfaultfd(int threadId) => Directory.EnumerateFileSystemEntries($"/proc/{threadId}/fd")
        .Any(descriptor => new FileInfo(descriptor).LinkTarget?.Contains("userfaultfd", StringComparison.Ordinal) == true);

    internal void AssertEnded(int processId)
    {
        EndStranger();
        foreach (CgroupFreezer freezer in _freezers)
            freezer.Thaw();
        Assert.True(SpinWait.SpinUntil(() => LiveThread.Find(processId) == 0, Patience.Limit), $"{processId} has not ended");
    }

    public void Dispose()
    {
        EndStranger();
        foreach (CgroupFreezer freezer in _freezers)
            freezer.Thaw();
        foreach (int process in (int[])[Root, Child])
        {
            _ = SendSignal(process, Continue);
            _ = SendSignal(process, Kill);
        }

        Assert.True(_shell.WaitForExit(LineLimit), "the targets do not end");
        foreach (CgroupFreezer freezer in _freezers)
            freezer.Dispose();
        _shell.Dispose();
        _lines.Dispose();
    }

    private void EndStranger()
    {
        _stranger?.Kill();
        _stranger?.WaitForExit();
        _stranger?.Dispose();
        _stranger = null;
    }

    private void Freeze(int victim, int version)
    {
        CgroupFreezer freezer = CgroupFreezer.TryCreate(version)!;
        _freezers.Add(freezer);
        freezer.Freeze(victim);
    }

    private string ReadLine()
    {
        Assert.True(_lines.TryTake(out string? line, LineLimit), $"the target says nothing any more: {Describe(Root)}{Describe(Child)}");
        Assert.DoesNotContain("WRONG", line, StringComparison.Ordinal);
        return line;
    }

    /// <summary>What the threads wait in, for a message.</summary>
    private static string Describe(int processId)
    {
        var text = new System.Text.StringBuilder();
        try
        {
            foreach (string thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
            {
                string stat = File.ReadAllText(thread + "/stat");
                string place = File.ReadAllText(thread + "/wchan");
                text.Append(CultureInfo.InvariantCulture, $"{Path.GetFileName(thread)} {stat[stat.LastIndexOf(')') + 2]} {place}; ");
            }
        }
        catch (IOException)
        {
            text.Append("a thread has ended; ");
        }

        return text.ToString();
    }

    private static List<string> Tracers(int processId)
    {
        var tracers = new List<string>();
        try
        {
            foreach (string thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
                tracers.AddRange(File.ReadAllLines(thread + "/status").Where(line => line.StartsWith("Tracer", StringComparison.Ordinal)));
        }
        catch (IOException)
        {
            // A thread has ended; the rest is looked at the next time.
        }

        return tracers;
    }

    private static int OtherThread(int processId)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{processId}/task")
                .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
                .Where(thread => thread != processId)
                .DefaultIfEmpty(processId)
                .Max();
        }
        catch (IOException)
        {
            return processId;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "tgkill")]
    private static partial int SendToThread(int processId, int threadId, int signal);
}
