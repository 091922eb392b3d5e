namespace MmuNotifier.Linux.Tests.Memory;

[Collection(PageSharingGroup.Name)]
public sealed class TransparentHugePagesTests
{
    [Theory]
    [InlineData("always [madvise] never\n", "always [inherit] madvise never\n")]
    [InlineData("[always] madvise never\n", null)]
    [InlineData("always madvise [never]\n", "always inherit [madvise] never\n")]
    public void Nothing_lacks_where_they_are_made(string ofAllSizes, string? ofThisSize) =>
        Assert.Null(TransparentHugePages.WhyUnsupported(ofAllSizes, ofThisSize));

    [Theory]
    [InlineData("always madvise [never]\n", "always [inherit] madvise never\n", "/sys/kernel/mm/transparent_hugepage/enabled")]
    [InlineData("always madvise [never]\n", null, "/sys/kernel/mm/transparent_hugepage/enabled")]
    [InlineData("[always] madvise never\n", "always inherit madvise [never]\n",
        "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled")]
    [InlineData(null, null, "has no transparent huge pages")]
    public void What_switches_them_off_is_named(string? ofAllSizes, string? ofThisSize, string expected) =>
        Assert.Contains(expected, TransparentHugePages.WhyUnsupported(ofAllSizes, ofThisSize), StringComparison.Ordinal);
}
