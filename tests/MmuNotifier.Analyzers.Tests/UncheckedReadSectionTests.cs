using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class UncheckedReadSectionTests
{
    [Fact]
    public Task A_section_whose_status_alone_is_looked_at() => FindsIn(
        """
        ReadSection section = [|notifier.ReadBegin()|];
        if (section.Status != ReadStatus.Open)
            return;
        Commit();
        """);

    [Fact]
    public Task A_part_and_a_try() => FindsIn(
        """
        var part = [|notifier.ReadBegin(new AddressRange(0, 4095))|];
        var attempt = [|notifier.ReadBeginNoWait()|];
        if (attempt is { Status: ReadStatus.Open } && part.Status == ReadStatus.Open)
            Commit();
        """);

    [Fact]
    public Task A_discarded_result() => FindsIn(
        """
        [|notifier.ReadBegin()|];
        _ = [|notifier.ReadBeginNoWait()|];
        """);

    [Fact]
    public Task A_section_that_is_assigned_and_never_checked() => FindsIn(
        """
        ReadSection section;
        do
            section = [|notifier.ReadBegin()|];
        while (section.Status == ReadStatus.Invalidating);
        Commit();
        """);

    [Fact]
    public Task A_section_in_a_pattern() => FindsIn(
        """
        if ([|notifier.ReadBeginNoWait()|] is { Status: ReadStatus.Open } section)
            Commit();
        """);

    [Fact]
    public Task Awaited_sections() => FindsIn(
        """
        ReadSection first = await [|notifier.ReadBeginAsync()|];
        ReadSection second = await [|notifier.ReadBeginAsync()|].ConfigureAwait(false);
        ReadSection third = [|notifier.ReadBeginAsync()|].AsTask().GetAwaiter().GetResult();
        await [|notifier.ReadBeginAsync()|];
        if (first.Status == second.Status && third.Status == ReadStatus.Open)
            Commit();
        """);

    [Fact]
    public Task A_section_in_a_lambda() => FindsIn(
        """
        Action read = () =>
        {
            ReadSection section = [|notifier.ReadBegin()|];
            if (section.Status == ReadStatus.Open)
                Commit();
        };
        read();
        """);

    [Fact]
    public Task Nothing_if_it_is_checked() => FindsIn(
        """
        while (true)
        {
            ReadSection section = notifier.ReadBegin();
            if (section.Status != ReadStatus.Open)
                break;
            lock (_lock)
            {
                if (section.MustRetry)
                    continue;
                Commit();
                break;
            }
        }
        ReadSection awaited = await notifier.ReadBeginAsync();
        if (!awaited.MustRetry)
            Commit();
        """);

    [Fact]
    public Task Nothing_if_it_is_checked_in_a_lambda() => FindsIn(
        """
        ReadSection section = notifier.ReadBegin();
        Under(() => section.MustRetry);
        void Under(Func<bool> check) => check();
        """);

    [Fact]
    public Task Nothing_if_it_escapes() => FindsIn(
        """
        ReadSection passed = notifier.ReadBegin();
        Use(passed);
        ReadSection stored = notifier.ReadBegin();
        _section = stored;
        _section = notifier.ReadBegin();
        Use(notifier.ReadBeginNoWait());
        ReadSection copied = notifier.ReadBegin();
        ReadSection copy = copied;
        Use(copy);
        Task<ReadSection> later = notifier.ReadBeginAsync().AsTask();
        await later;
        void Use(in ReadSection section) => _section = section;
        """);

    [Fact]
    public Task Nothing_if_the_status_is_all_that_is_wanted() => FindsIn(
        """
        if (notifier.ReadBeginNoWait().Status == ReadStatus.Removed)
            Commit();
        """);

    [Fact]
    public Task Nothing_if_it_is_returned() => Finds<UncheckedReadSectionAnalyzer>(
        """
        class Reader(IntervalNotifier notifier)
        {
            ReadSection Begin()
            {
                ReadSection section = notifier.ReadBegin();
                return section;
            }
            ReadSection BeginAtOnce() => notifier.ReadBegin();
            ValueTask<ReadSection> BeginAsync() => notifier.ReadBeginAsync();
        }
        """);

    private static Task FindsIn(string statements) => Finds<UncheckedReadSectionAnalyzer>(
        $$"""
        class Reader
        {
            private readonly object _lock = new();
            private ReadSection _section;
            async Task Read(IntervalNotifier notifier)
            {
                await Task.Yield();
                {{statements}}
            }
            void Commit() { }
        }
        """);
}
