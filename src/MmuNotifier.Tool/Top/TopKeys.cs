namespace MmuNotifier.Tool.Top;

/// <summary>What each key does to the state; nothing else changes it.</summary>
internal static class TopKeys
{
    private const int MostFilter = 64;

    internal static TopState Apply(TopState state, TopKey key, TopModel model, int pageRows)
    {
        if (state.IsFiltering)
            return Filter(state, key);
        return key switch
        {
            { Character: 'q' or 'Q' or '\x03' or '\x04' } => state with { IsOver = true },
            { Character: ' ' or 'p' } => state with { IsPaused = !state.IsPaused },
            { Character: '?' or 'h' } => state with { ShowsHelp = !state.ShowsHelp },
            { Special: TopKey.Name.Escape } => state.ShowsHelp ? state with { ShowsHelp = false }
                : state.ShowsPages ? state with { ShowsPages = false } : state with { Filter = "" },
            _ when state.ShowsHelp => state,
            _ when state.ShowsPages => Scroll(state, key, pageRows),
            { Character: 's' } => state with { Sort = Next(state.Sort, 1) },
            { Character: 'S' } => state with { Sort = Next(state.Sort, -1) },
            { Character: '/' } => state with { IsFiltering = true },
            { Special: TopKey.Name.Enter } => Open(state, model),
            _ => Move(state, key, model, pageRows),
        };
    }

    private static TopState Filter(TopState state, TopKey key) => key switch
    {
        { Special: TopKey.Name.Enter } => state with { IsFiltering = false },
        { Special: TopKey.Name.Escape } or { Character: '\x03' } => state with { IsFiltering = false, Filter = "" },
        { Special: TopKey.Name.Backspace } => state with { Filter = state.Filter.Length > 0 ? state.Filter[..^1] : "" },
        { Character: >= ' ' } when state.Filter.Length < MostFilter => state with { Filter = state.Filter + key.Character, Selected = 0 },
        _ => state,
    };

    private static TopSort Next(TopSort sort, int step)
    {
        int count = Enum.GetValues<TopSort>().Length;
        return (TopSort)(((int)sort + step + count) % count);
    }

    private static TopState Open(TopState state, TopModel model)
    {
        List<TopRow> rows = TopOrder.Of(model, state);
        if (rows.Count == 0)
            return state;
        TopRow row = rows.Find(each => each.Id == state.Selected) ?? rows[0];
        return state with { ShowsPages = true, Selected = row.Id, PageLine = 0 };
    }

    private static TopState Scroll(TopState state, TopKey key, int pageRows)
    {
        int line = key.Special switch
        {
            TopKey.Name.Up => state.PageLine - 1,
            TopKey.Name.Down => state.PageLine + 1,
            TopKey.Name.PageUp => state.PageLine - pageRows,
            TopKey.Name.PageDown => state.PageLine + pageRows,
            TopKey.Name.Home => 0,
            TopKey.Name.End => int.MaxValue / 2,
            _ => state.PageLine,
        };
        return state with { PageLine = Math.Max(0, line) };
    }

    private static TopState Move(TopState state, TopKey key, TopModel model, int pageRows)
    {
        int? step = key.Special switch
        {
            TopKey.Name.Up => -1,
            TopKey.Name.Down => 1,
            TopKey.Name.PageUp => -pageRows,
            TopKey.Name.PageDown => pageRows,
            TopKey.Name.Home => int.MinValue / 2,
            TopKey.Name.End => int.MaxValue / 2,
            _ => null,
        };
        List<TopRow> rows = step is null ? [] : TopOrder.Of(model, state);
        if (rows.Count == 0)
            return state;
        int selected = Math.Max(0, rows.FindIndex(row => row.Id == state.Selected));
        return state with { Selected = rows[Math.Clamp(selected + step!.Value, 0, rows.Count - 1)].Id };
    }
}
