using System.Text;
using MmuNotifier.Tool.Top;

namespace MmuNotifier.Tool.Tests.Top;

public class TopKeysTests
{
    private readonly TopModel _model = TopModels.Busy();

    [Theory]
    [InlineData("\e[A", "Up")]
    [InlineData("\eOB", "Down")]
    [InlineData("\e[5~\e[6~", "PageUp PageDown")]
    [InlineData("\e[H\e[4~", "Home End")]
    [InlineData("\r\e", "Enter Escape")]
    [InlineData("\e[1;5C\e[200~", "")]
    [InlineData("\e[", "")]
    [InlineData("\x7f", "Backspace")]
    public void Sequences_of_terminals_are_keys(string sent, string names) => Assert.Equal(
        names, string.Join(' ', TopKey.Decode(Encoding.UTF8.GetBytes(sent)).Select(key => key.Special)));

    [Fact]
    public void S_goes_through_all_orders_and_back()
    {
        var state = new TopState();
        foreach (TopSort sort in Enum.GetValues<TopSort>()[1..])
            Assert.Equal(sort, (state = Press(state, "s")).Sort);
        Assert.Equal(TopSort.Activity, Press(state, "s").Sort);
        Assert.Equal(TopSort.Name, Press(new TopState(), "S").Sort);
    }

    [Theory]
    [InlineData(nameof(TopSort.Written), TopModels.Heap)]
    [InlineData(nameof(TopSort.Growth), TopModels.Heap)]
    [InlineData(nameof(TopSort.Size), TopModels.Idle)]
    [InlineData(nameof(TopSort.Resident), TopModels.Heap)]
    [InlineData(nameof(TopSort.Address), TopModels.Heap)]
    public void Each_order_has_the_greatest_first(string sort, int first) =>
        Assert.Equal(first, TopOrder.Of(_model, new TopState { Sort = Enum.Parse<TopSort>(sort) })[0].Id);

    [Theory]
    [InlineData("HEAP", TopModels.Heap)]
    [InlineData("libsome", TopModels.Library)]
    [InlineData("r-xp", TopModels.Library)]
    [InlineData("0x9001234", TopModels.Buffer)]
    [InlineData("a3e7fff", TopModels.Idle)]
    public void The_filter_finds_names_permissions_and_addresses(string filter, int id)
    {
        TopState state = Press(new TopState(), "/" + filter + "\r");
        Assert.Equal((filter, false), (state.Filter, state.IsFiltering));
        Assert.Equal(id, Assert.Single(TopOrder.Of(_model, state)).Id);
        Assert.Equal("", Press(state, "\e").Filter);
        Assert.Equal(filter[..^1], Press(Press(state, "/"), "\x7f").Filter);
    }

    [Fact]
    public void In_the_filter_letters_are_no_commands() => Assert.False(Press(new TopState(), "/q").IsOver);

    [Fact]
    public void Enter_opens_the_selected_mapping_and_escape_closes_it()
    {
        TopState state = Press(new TopState(), "\e[B\r");
        Assert.Equal((true, TopModels.Buffer), (state.ShowsPages, state.Selected));
        Assert.Equal(2, Press(state, "\e[B\e[B\e[B\e[A").PageLine);
        Assert.Equal(0, Press(state, "\e[B\e[H\e[A").PageLine);
        Assert.False(Press(state, "\e").ShowsPages);
    }

    [Fact]
    public void The_selection_stops_at_the_ends()
    {
        List<TopRow> rows = TopOrder.Of(_model, new TopState());
        Assert.Equal(rows[0].Id, Press(new TopState(), "\e[A").Selected);
        Assert.Equal(rows[^1].Id, Press(new TopState(), "\e[F\e[B\e[6~").Selected);
    }

    [Fact]
    public void Q_and_control_c_end_it_and_space_pauses_it()
    {
        Assert.True(Press(new TopState(), "q").IsOver);
        Assert.True(Press(new TopState(), "\x03").IsOver);
        Assert.True(Press(new TopState(), " ").IsPaused);
        Assert.False(Press(new TopState(), " p").IsPaused);
        Assert.True(Press(new TopState(), "?").ShowsHelp);
        Assert.False(Press(new TopState(), "?\e").ShowsHelp);
    }

    private TopState Press(TopState state, string keys)
    {
        foreach (TopKey key in TopKey.Decode(Encoding.UTF8.GetBytes(keys)))
            state = TopKeys.Apply(state, key, _model, 10);
        return state;
    }
}
