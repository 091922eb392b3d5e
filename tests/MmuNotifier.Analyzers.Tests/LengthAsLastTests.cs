using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class LengthAsLastTests
{
    [Theory]
    [InlineData("new AddressRange(start, [|start + length|])")]
    [InlineData("new AddressRange(start, [|length + start|])")]
    [InlineData("new AddressRange(start, [|start + (ulong)bytes|])")]
    [InlineData("new AddressRange(start, [|start + 0x1000|])")]
    [InlineData("new AddressRange(last: [|start + length|], start: start)")]
    [InlineData("new AddressRange(start + 8, [|start + 8 + length|])")]
    public Task Start_and_length(string range) => Finds<LengthAsLastAnalyzer>(Wrap(range));

    [Theory]
    [InlineData("new AddressRange(start, start + length - 1)")]
    [InlineData("new AddressRange(start, start + (length - 1))")]
    [InlineData("new AddressRange(start, start + 0xfff)")]
    [InlineData("new AddressRange(start, length)")]
    [InlineData("new AddressRange(start, start + offset)")]
    [InlineData("new AddressRange(start, start + Next())")]
    [InlineData("new AddressRange(start, other + length)")]
    [InlineData("AddressRange.FromLength(start, start + length)")]
    public Task Bounds(string range) => Finds<LengthAsLastAnalyzer>(Wrap(range));

    private static string Wrap(string range) =>
        $$"""
        class Mapper
        {
            AddressRange Make(ulong start, ulong length, ulong other, ulong offset, int bytes) => {{range}};
            ulong Next() => 7;
        }
        """;
}
