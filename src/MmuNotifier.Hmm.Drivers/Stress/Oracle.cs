using System.Globalization;

namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>
/// Checks every access, of the device and of the CPU, against what a coherent memory may do; see <see cref="Register"/> for the argument.
/// One lock and one clock of stamps, which are not held during accesses.
/// </summary>
internal sealed class Oracle
{
    private const int PruneAt = 24;
    private readonly Lock _lock = new();
    private readonly OraclePage[] _pages;
    private readonly long[] _begins;
    private long _clock;
    private string? _failure;

    public Oracle(IEnumerable<OraclePage> pages, int threads)
    {
        _pages = [.. pages];
        _begins = new long[threads];
        Array.Fill(_begins, long.MaxValue);
    }

    /// <summary>The first wrong access; null if there was none.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    public OraclePage this[int page] => _pages[page];

    /// <summary>Begins an operation of the thread: what it may see is kept until <see cref="End"/>.</summary>
    public long Begin(int thread)
    {
        lock (_lock)
            return _begins[thread] = ++_clock;
    }

    public void End(int thread)
    {
        lock (_lock)
            _begins[thread] = long.MaxValue;
    }

    public void CheckRead(int page, int thread, string who, long begin, Errno error, ulong value)
    {
        lock (_lock)
        {
            long end = ++_clock;
            OraclePage at = _pages[page];
            at.Note(begin, end, thread, error == Errno.None ? $"{who} reads {Text(value)}" : $"{who} reads: {error}");
            bool isRight = error switch
            {
                Errno.None => Permits(at, PageAccess.Read, begin, end) || Permits(at, PageAccess.Write, begin, end),
                Errno.BadAddress => Permits(at, PageAccess.None, begin, end),
                _ => IsNoAnswer(error),
            };
            if (!isRight)
                Fail(at, $"{who} reads, and gets {error}, which the mapping did not permit at any moment from {begin} to {end}");
            else if (error == Errno.None && !at.Word.Allows(value, begin, end))
                Fail(at, $"{who} reads {Text(value)}, which the page did not have at any moment from {begin} to {end}");
        }
    }

    public RegisterWrite BeginWrite(int page, int thread, ulong value, out long begin)
    {
        lock (_lock)
        {
            begin = _begins[thread] = ++_clock;
            return _pages[page].Word.Begin(begin, value);
        }
    }

    public void EndWrite(int page, int thread, string who, RegisterWrite write, Errno error)
    {
        lock (_lock)
        {
            OraclePage at = _pages[page];
            long end = ++_clock;
            at.Note(write.Begin, end, thread, $"{who} writes {Text(write.Value!.Value)}: {error}");
            write.End = end;
            if (error != Errno.None)
                at.Word.Withdraw(write);
            bool isRight = error switch
            {
                Errno.None => Permits(at, PageAccess.Write, write.Begin, end),
                Errno.BadAddress or Errno.NotPermitted =>
                    Permits(at, PageAccess.None, write.Begin, end) || Permits(at, PageAccess.Read, write.Begin, end),
                _ => IsNoAnswer(error),
            };
            if (!isRight)
                Fail(at, $"{who} writes, and gets {error}, which the mapping did not permit at any moment from {write.Begin} to {end}");
            Prune(at);
        }
    }

    /// <summary>A child was forked from one stamp to the other: its copy is what the page had meanwhile.</summary>
    public void CheckCopy(int page, int thread, long begin, long end, ulong value)
    {
        lock (_lock)
        {
            OraclePage at = _pages[page];
            at.Note(begin, end, thread, $"child forked, which has {Text(value)}");
            if (!at.Word.Allows(value, begin, end))
                Fail(at, $"the child has {Text(value)}, which the page did not have at any moment of the fork, from {begin} to {end}");
        }
    }

    public long Now()
    {
        lock (_lock)
            return ++_clock;
    }

    public RegisterWrite BeginValue(int page, ulong value)
    {
        lock (_lock)
            return _pages[page].Word.Begin(++_clock, value);
    }

    public RegisterWrite BeginMove(int page, int source)
    {
        lock (_lock)
            return _pages[page].Word.BeginMove(++_clock, _pages[source].Word);
    }

    public RegisterWrite BeginPermit(int page, PageAccess access, bool isTransient = false)
    {
        lock (_lock)
            return _pages[page].Permits.Begin(++_clock, (ulong)access, isTransient);
    }

    /// <summary>A change of the page is made: ends its writes.</summary>
    public void EndChange(int page, int thread, string what, params ReadOnlySpan<RegisterWrite> writes)
    {
        lock (_lock)
        {
            OraclePage at = _pages[page];
            long begin = long.MaxValue;
            foreach (RegisterWrite write in writes)
            {
                write.End = ++_clock;
                begin = Math.Min(begin, write.Begin);
                if (write.Source is not { } source)
                    continue;
                write.Values = source.AllowedValues(write.Begin, write.End);
                write.Source = null;
            }

            at.Note(begin, _clock, thread, what);
            Prune(at);
        }
    }

    // Of other answers (busy, no memory) nothing follows.
    private static bool IsNoAnswer(Errno error) => error is Errno.Busy or Errno.NoMemory;

    private static bool Permits(OraclePage page, PageAccess access, long begin, long end) => page.Permits.Allows((ulong)access, begin, end);

    private static string Text(ulong value) => string.Create(CultureInfo.InvariantCulture, $"{value:x}");

    private void Prune(OraclePage page)
    {
        if (page.Word.Count < PruneAt && page.Permits.Count < PruneAt)
            return;
        long oldest = Math.Min(_clock, _begins.Min());
        page.Word.Prune(oldest);
        page.Permits.Prune(oldest);
    }

    private void Fail(OraclePage page, string what) =>
        _failure ??= $"page 0x{page.Address:x}: {what}.{Environment.NewLine}Its last events (stamps of begin and "
            + $"end):{Environment.NewLine}{page.Describe()}";
}
