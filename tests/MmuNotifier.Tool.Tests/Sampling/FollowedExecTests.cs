using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Sampling;

/// <summary>A process that executes one program after the other while it is looked at.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class FollowedExecTests : IDisposable
{
    private const int FewExecs = 3, ManyExecs = 20;

    /// <summary>Executes itself for each line that it is given, and prints its number when it has begun.</summary>
    private const string Script = "echo $$; read line || exit 0; exec sh -c \"$0\" \"$0\"";

    /// <summary>A child of ours would take its stops for its end.</summary>
    private readonly Process _shell = Process.Start(new ProcessStartInfo("sh", ["-c", "exec 3<&0; sh -c \"$0\" \"$0\" <&3 & wait", Script])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    [Fact]
    public void Each_is_seen_and_none_leaves_a_descriptor_or_a_thread_behind()
    {
        int processId = ReadNumber();
        using ProcessSampler sampler = ProcessSampler.Attach(processId);
        int descriptors = 0, threads = 0;
        for (int exec = 1; exec <= ManyExecs; exec++)
        {
            _shell.StandardInput.WriteLine();
            Assert.Equal(processId, ReadNumber());
            TakeUntilExecuted(sampler);
            if (exec == FewExecs)
                (descriptors, threads) = (Descriptors(), WatcherThreads());
        }

        Assert.Equal(ManyExecs + 1, sampler.Stops);
        Assert.Equal(descriptors, Descriptors());
        Assert.Equal(threads, WatcherThreads());
    }

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.Kill();
        _shell.Dispose();
    }

    private static void TakeUntilExecuted(ProcessSampler sampler)
    {
        long begin = Stopwatch.GetTimestamp();
        int executed;
        do
        {
            MemorySample? sample = sampler.Take();
            Assert.True(sample is not null, sampler.End);
            executed = sample.Events.Count(each => each.Kind == MemoryEventKind.Executed);
        }
        while (executed == 0 && Stopwatch.GetElapsedTime(begin) < Patience.Limit);
        Assert.Equal(1, executed);
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>Threads with a name of this product; those of the runtime come and go.</summary>
    private static int WatcherThreads() => Directory.GetDirectories("/proc/self/task").Count(thread =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "comm")).StartsWith("mmun", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // It has ended.
        }
    });

    private int ReadNumber()
    {
        Task<string?> line = _shell.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience.Limit), "The target prints nothing.");
        return int.Parse(line.Result!, CultureInfo.InvariantCulture);
    }
}
