using System.Globalization;
using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>
/// A mirror that holds every translation of a window: a page whose entry went, got another frame or lost the permission to write must have
/// been in an invalidation since the last check, and every invalidation that began must have ended.
/// </summary>
internal sealed class TranslationOracle : WholeSpaceNotifier, IDisposable
{
    private readonly VirtualMemory _memory;
    private readonly Lock _lock = new();
    private readonly List<AddressRange> _invalidated = [];
    private PageEntry[] _before = [];
    private PageEntry[] _now = [];
    private int _open;

    internal TranslationOracle(VirtualMemory memory)
    {
        _memory = memory;
        memory.Space.Insert(this);
    }

    public void Dispose() => Remove(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);

    protected override bool InvalidateStart(in Invalidation invalidation)
    {
        lock (_lock)
        {
            _open++;
            _invalidated.Add(invalidation.Range);
        }

        return true;
    }

    protected override void InvalidateEnd(in Invalidation invalidation)
    {
        lock (_lock)
            _open--;
    }

    /// <summary>Checks the window, which must be the same each time, and takes its entries as the new state.</summary>
    internal string? Check(AddressRange window)
    {
        int pages = (int)((window.Last - window.Start + 1) / MirroredMemory.PageBytes);
        if (_before.Length != pages)
        {
            _before = new PageEntry[pages];
            _now = new PageEntry[pages];
        }

        _memory.GetPages(window, _now);
        lock (_lock)
        {
            string? wrong = _open == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{_open} invalidations did not end");
            for (int i = 0; i < pages && wrong is null; i++)
            {
                if (IsStale(_before[i], _now[i]) && !IsInvalidated(window.Start + ((ulong)i * MirroredMemory.PageBytes)))
                    wrong = string.Create(
                        CultureInfo.InvariantCulture, $"page {i} changed without an invalidation: {_before[i]} became {_now[i]}");
            }

            _invalidated.Clear();
            (_before, _now) = (_now, _before);
            return wrong;
        }
    }

    private static bool IsStale(PageEntry before, PageEntry now) =>
        before.Frame != 0 && (before.Frame != now.Frame || (before.IsWritable && !now.IsWritable));

    private bool IsInvalidated(ulong address)
    {
        foreach (AddressRange range in _invalidated)
        {
            if (range.Contains(address))
                return true;
        }

        return false;
    }
}
