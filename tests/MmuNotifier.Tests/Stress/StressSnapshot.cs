namespace MmuNotifier.Tests.Stress;

/// <summary>
/// Who was where at one moment, and how often edited. One whose count is the same later on was not touched in between, so it is known
/// exactly what a start or a find in between must have done with it.
/// </summary>
internal sealed class StressSnapshot
{
    private readonly List<(StressNotifier Notifier, AddressRange Range, int Edits)> _entries = [];

    public StressSnapshot(StressDevice[] devices)
    {
        foreach (StressDevice device in devices)
        {
            using (device.Lock.Hold())
            {
                foreach (StressNotifier notifier in device.Notifiers)
                    _entries.Add((notifier, notifier.Range, notifier.Edits));
            }
        }
    }

    public List<(StressNotifier Notifier, AddressRange Range, int Edits)> Entries => _entries;

    public IEnumerable<(StressNotifier Notifier, AddressRange Range)> Untouched =>
        _entries.Where(entry => entry.Notifier.Edits == entry.Edits).Select(entry => (entry.Notifier, entry.Range));
}
