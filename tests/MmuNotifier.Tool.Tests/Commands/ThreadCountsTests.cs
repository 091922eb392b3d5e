using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Tests.Commands;

public sealed class ThreadCountsTests
{
    [Fact]
    public void They_grow_as_the_thread_works_and_writes()
    {
        const string folder = "/proc/thread-self";
        ThreadCounts before = ThreadCounts.TryRead(folder)!.Value;
        using (FileStream nowhere = File.OpenWrite("/dev/null"))
            nowhere.Write(new byte[1000]);
        Patience.Until(() => ThreadCounts.TryRead(folder)!.Value.WorkNanoseconds > before.WorkNanoseconds, "it has run");
        Assert.True(ThreadCounts.TryRead(folder)!.Value.BytesWritten >= before.BytesWritten + 1000);
    }

    /// <summary>A kernel that counts the time alone; and one whose answer is none.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData("", false)]
    public void They_are_of_what_the_kernel_counts(string? io, bool areKnown)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mmun-thread");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "schedstat"), "5 2 1\n");
            if (io is not null)
                File.WriteAllText(Path.Combine(folder.FullName, "io"), io);
            Assert.Equal(areKnown ? new ThreadCounts(7, 0) : null, ThreadCounts.TryRead(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void They_are_not_zero_but_unknown_where_they_cannot_be_read() => Assert.Null(ThreadCounts.TryRead("/proc/self/task/0"));
}
