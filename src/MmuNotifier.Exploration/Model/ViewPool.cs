namespace MmuNotifier.Exploration.Model;

/// <summary>The views of the messages of one execution, used again for the next one.</summary>
internal sealed class ViewPool
{
    private readonly List<View> _views = [];
    private int _used;

    public View Rent()
    {
        if (_used == _views.Count)
            _views.Add(new View());
        return _views[_used++];
    }

    /// <summary>Takes all back; nobody may use one any more.</summary>
    public void TakeAllBack() => _used = 0;
}
