using MmuNotifier.Tests.Regression;

namespace MmuNotifier.Tests.Stress;

/// <summary>
/// One run of <see cref="WaitingReaderStressTests"/>: threads that invalidate, one that moves, and readers; each does its share and ends.
/// </summary>
internal sealed class WaitingReaderRun(int seed)
{
    private const int Invalidators = 2;
    private const int Rounds = 60;
    private const int MostOpen = 12;

    private static readonly AddressRange s_range = new(0, 99);

    private readonly AddressSpace _space = new();
    private readonly ScriptedNotifier _notifier = new();
    private readonly List<string> _violations = [];

    /// <summary>Scopes that the next thread ends.</summary>
    private readonly List<InvalidationScope> _handedOver = [];

    public IReadOnlyCollection<string> Execute()
    {
        _space.Insert(_notifier, s_range);
        List<(string Name, Action<Random> Body)> bodies =
            [("mover", Move), ("reader", Read), ("reader of parts", ReadParts), ("tasks", ReadInTasks)];
        for (int i = 0; i < Invalidators; i++)
            bodies.Add(("invalidator", Invalidate));
        Thread[] threads = [.. bodies.Select((body, index) => Start(body.Name, body.Body, new Random((seed * 31) + index)))];
        foreach (Thread thread in threads.Reverse())
        {
            // The invalidators first: then nothing is active any more, and every reader must come to its end.
            if (!thread.Join(Patience.Limit))
                return [$"{thread.Name} is left asleep"];
            if (thread == threads[^Invalidators])
                EndHandedOver();
        }

        lock (_violations)
            return _violations;
    }

    private Thread Start(string name, Action<Random> body, Random random)
    {
        var thread = new Thread(() =>
        {
            try
            {
                body(random);
            }
            catch (Exception exception)
            {
                lock (_violations)
                    _violations.Add($"{name}: {exception}");
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return thread;
    }

    private void Invalidate(Random random)
    {
        for (int round = 0; round < Rounds; round++)
        {
            List<InvalidationScope> open = [];
            for (int i = random.Next(1, MostOpen); i > 0; i--)
                open.Add(_space.StartInvalidation(Part(random), InvalidationEvent.Clear, owner: random.Next(4) == 0 ? this : null));
            for (; open.Count > 0; open.RemoveAt(open.Count - 1))
            {
                int index = random.Next(open.Count);
                (open[index], open[^1]) = (open[^1], open[index]);
                if (random.Next(4) == 0)
                    HandOver(open[^1]);
                else
                    open[^1].Dispose();
            }

            EndHandedOver();
        }
    }

    private void Move(Random random)
    {
        for (int round = 0; round < Rounds; round++)
        {
            _ = _notifier.Move(random.Next(2) == 0 ? s_range : new AddressRange(0, 49));
            Thread.Yield();
        }
    }

    private void Read(Random random)
    {
        for (int round = 0; round < Rounds; round++)
            GiveUpOrNot(random, token => _notifier.ReadBegin(token));
    }

    private void ReadParts(Random random)
    {
        for (int round = 0; round < Rounds; round++)
            GiveUpOrNot(random, token => _notifier.ReadBegin(new AddressRange(0, (ulong)random.Next(50)), null, token));
    }

    private void ReadInTasks(Random random)
    {
        for (int round = 0; round < Rounds; round++)
        {
            using var source = new CancellationTokenSource();
            Task[] readers =
                [.. Enumerable.Range(0, 8).Select(i => _notifier.ReadBeginAsync(i % 2 == 0 ? source.Token : default).AsTask())];
            if (random.Next(2) == 0)
                source.Cancel();
            if (!Task.WhenAll(readers).ContinueWith(static _ => { }, TaskScheduler.Default).Wait(Patience.Limit))
                throw new InvalidOperationException("A task is left asleep.");
        }
    }

    private static void GiveUpOrNot(Random random, Func<CancellationToken, ReadSection> begin)
    {
        using var source = new CancellationTokenSource();
        if (random.Next(3) == 0)
            source.CancelAfter(TimeSpan.FromMicroseconds(random.Next(1, 200)));
        try
        {
            begin(source.Token);
        }
        catch (OperationCanceledException)
        {
            // Given up: nothing is left behind, and the next wait is one of its own.
        }
    }

    private void HandOver(InvalidationScope scope)
    {
        lock (_handedOver)
            _handedOver.Add(scope);
    }

    private void EndHandedOver()
    {
        InvalidationScope[] scopes;
        lock (_handedOver)
        {
            scopes = [.. _handedOver];
            _handedOver.Clear();
        }

        foreach (InvalidationScope scope in scopes)
            scope.Dispose();
    }

    private static AddressRange Part(Random random)
    {
        ulong start = (ulong)random.Next(100);
        return new AddressRange(start, start + (ulong)random.Next(30));
    }
}
