namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>One file that is mapped three times and changed in every way. The target checks what it reads, too.</summary>
[Collection(EndToEndGroup.Name)]
public class MappedFileTests
{
    private const string RestsBetweenBurstsMilliseconds = "250";

    [Theory]
    [InlineData("s")]
    [InlineData("w")]
    [InlineData("swtp")]
    public void Changes_show_in_every_mapping_from_the_first_freeze_on(string changes) => Mirror(changes);

    [Theory]
    [InlineData("s")]
    [InlineData("w")]
    [InlineData("swtp")]
    public void Changes_show_in_every_mapping_of_a_file_that_has_come_to_rest(string changes) =>
        Mirror(changes, RestsBetweenBurstsMilliseconds);

    [Fact]
    public void Changes_of_a_file_in_memory_show_alike()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "there is no /dev/shm");
        string path = $"/dev/shm/mmun-test-{Environment.ProcessId}";
        try
        {
            MirrorFile(path, "swtp", RestsBetweenBurstsMilliseconds);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Changes_of_a_file_without_a_name_show_for_an_ordinary_user()
    {
        using var user = new OrdinaryUser();
        string script = user.Script("nameless.py");
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 3,
            seconds: 3,
            seconds => user.Mmun("mirror", "--json", "--verify", "0.3", "--", Machine.Python, script, seconds),
            out _);

        Assert.Contains("nameless done", mmun.Error, StringComparison.Ordinal);
    }

    private static void Mirror(params string[] changes)
    {
        string folder = Directory.CreateTempSubdirectory("mmun-file").FullName;
        try
        {
            MirrorFile(Path.Combine(folder, "mapped"), changes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void MirrorFile(string path, params string[] changes)
    {
        using var target = new NativeTarget("files");
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 3,
            seconds: 2.5,
            seconds => new Mmun(["mirror", "--json", "--verify", "0.3", "--", target.Program, seconds, path, .. changes]),
            out _);

        Assert.Contains("files: right", mmun.Error, StringComparison.Ordinal);
    }
}
