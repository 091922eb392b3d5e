using MmuNotifier.Tool.Sampling;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Sampling;

public class HeatMapTests
{
    [Fact]
    public void A_page_is_as_hot_as_its_last_write_is_recent()
    {
        MemorySample[] recent =
        [
            Sample(1, [], written: [Pages(17, 1)]), Sample(2, []), Sample(3, []), Sample(4, [], written: [Pages(18, 1)]), Sample(5, []),
            Sample(6, [], resident: [Pages(16, 4)], written: [Pages(19, 1)]),
        ];
        Assert.Equal([Heat.Cold, Heat.Cool, Heat.Warm, Heat.Hot, Heat.Absent], HeatMap.Of(Pages(16, 5), 80, recent));
    }

    [Fact]
    public void A_cell_of_many_pages_is_as_hot_as_the_hottest_of_them()
    {
        MemorySample[] recent = [Sample(1, [], resident: [Pages(0, 100)], written: [Pages(55, 1)])];
        Assert.Equal(
            [Heat.Cold, Heat.Cold, Heat.Hot, Heat.Cold, Heat.Absent, Heat.Absent], HeatMap.Of(Pages(0, 150), 6, recent));
    }

    [Fact]
    public void Without_a_look_nothing_is_known() => Assert.All(HeatMap.Of(Pages(0, 8), 8, []), heat => Assert.Equal(Heat.Absent, heat));
}
