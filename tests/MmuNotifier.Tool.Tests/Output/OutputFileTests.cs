using System.Diagnostics;
using MmuNotifier.Tool.Output;

namespace MmuNotifier.Tool.Tests.Output;

public sealed class OutputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-output").FullName;

    private string Place => Path.Combine(_folder, "page.html");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_there_is_replaced_by_the_whole()
    {
        File.WriteAllText(Place, "a longer text that was there before");
        Assert.Equal(3, OutputFile.Write(Place, stream => stream.Write("new"u8)));
        Assert.Equal("new", File.ReadAllText(Place));
        Assert.Equal([Place], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_cannot_be_completed_leaves_what_was_there_and_nothing_else(bool wasThere)
    {
        if (wasThere)
            File.WriteAllText(Place, "before");
        Assert.Throws<IOException>(() => OutputFile.Write(Place, stream =>
        {
            stream.Write("half"u8);
            throw new IOException("no space");
        }));
        Assert.Equal(wasThere ? [Place] : [], Directory.GetFiles(_folder));
        Assert.True(!wasThere || File.ReadAllText(Place) == "before");
    }

    [Fact]
    public void What_a_link_leads_to_is_replaced_and_the_link_stays()
    {
        string link = Path.Combine(_folder, "link");
        File.WriteAllText(Place, "before");
        File.CreateSymbolicLink(link, Place);
        OutputFile.Write(link, stream => stream.Write("new"u8));
        Assert.Equal((Place, "new"), (new FileInfo(link).LinkTarget, File.ReadAllText(Place)));
    }

    /// <remarks>A pipe, and not a device: the first try of this test has replaced /dev/null.</remarks>
    [Fact]
    public async Task What_is_no_ordinary_file_is_written_to_and_stays()
    {
        using (var mkfifo = Process.Start("mkfifo", Place))
            mkfifo.WaitForExit();
        Task<string> read = Task.Run(() => File.ReadAllText(Place)); // The opening waits for a writer.
        Assert.Equal(0, OutputFile.Write(Place, stream => stream.Write("passed on"u8)));
        Assert.Equal("passed on", await read.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.Equal([Place], Directory.GetFiles(_folder));
    }
}
