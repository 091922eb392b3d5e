using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>What a session tells of its looks, while the process changes its memory between them.</summary>
[Collection(PtraceGroup.Name)]
public sealed class MirroredLookTests
{
    private const ulong PageBytes = 4096;
    private const int SharedAnonymous = 0x21;

    [Fact]
    public void A_look_has_what_is_in_memory_what_was_written_and_what_was_reported()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong memory = child.Address($"anon({4 * PageBytes}, {SharedAnonymous})");
        ulong other = child.Address($"anon({2 * PageBytes}, {SharedAnonymous})");
        child.Call($"fill({memory}, 1, {2 * PageBytes})");
        child.Call($"fill({other}, 1, {2 * PageBytes})");
        var whole = AddressRange.FromLength(memory, 4 * PageBytes);
        var touched = AddressRange.FromLength(memory, 2 * PageBytes);
        var firstPage = AddressRange.FromLength(memory, PageBytes);
        var unmapped = AddressRange.FromLength(other, 2 * PageBytes);
        List<AddressRange> written = [];
        List<MemoryChange> changes = [];
        MirroredLook? first = null;

        Run(child, new MirrorOptions { KeepsLooks = true }, looks =>
        {
            foreach (MirroredLook look in looks)
            {
                Assert.Equal((child.Call("os.getpid()"), 1, 0L), ((long)look.ProcessId, look.ProgramNumber, look.ChangesLost));
                if (first is null)
                {
                    first = look;
                    Assert.Contains(look.Mappings, mapping => mapping.Range.Contains(whole));
                    Assert.Contains(look.Mappings, mapping => mapping.Range.Overlaps(unmapped));
                    Assert.Equal([touched], look.Resident.Where(range => range.Overlaps(whole)).Select(range => range.Intersect(whole)));
                    child.Call($"fill({memory}, 2, 1)");
                    Assert.Equal(0, child.Call($"munmap({other}, {2 * PageBytes})"));
                    continue;
                }

                written.AddRange(look.Written.Where(range => range.Overlaps(whole)).Select(range => range.Intersect(whole)));
                changes.AddRange(look.Changes);
                if (written.Count == 0 || !look.Changes.Any(change => change.Range.Overlaps(unmapped)))
                    continue;
                Assert.DoesNotContain(look.Mappings, mapping => mapping.Range.Overlaps(unmapped));
                return true;
            }

            return false;
        });

        Assert.Equal([firstPage], written);
        Assert.Contains(new MemoryChange(MemoryChangeKind.Unmapped, unmapped), changes);
    }

    [Fact]
    public void A_session_that_keeps_no_looks_says_so()
    {
        using var session = new MirrorSession(new MirrorOptions { Program = ["true"] });
        Assert.Throws<InvalidOperationException>(session.TakeLooks);
    }

    [Fact]
    public void What_is_reported_and_not_taken_has_a_limit()
    {
        var log = new LookLog();
        const int most = 1 << 16;
        var change = new MemoryChange(MemoryChangeKind.Unmapped, AddressRange.FromLength(0x10000, PageBytes));
        for (int i = 0; i < most + 5; i++)
            log.Note(change);
        log.BeginLook();
        log.Note(change);
        log.BeginLook();
        log.EndLook();
        using PythonChild child = LiveProcessTests.StartChild();
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        MirroredLook? look = log.Take(watch, new PageTableLook(watch, _ => true), "python3", 1);
        watcher.Release(watch);
        Assert.Equal((most, 6L), (look!.Changes.Count, look.ChangesLost));
        Assert.Null(log.Take(watch, new PageTableLook(watch, _ => true), "python3", 1));
    }

    /// <summary>Mirrors the child until the test has seen enough.</summary>
    private static void Run(PythonChild child, MirrorOptions options, Func<IReadOnlyList<MirroredLook>, bool> isEnough)
    {
        using var end = new CancellationTokenSource(Patience.Limit);
        bool wasEnough = false;
        using var session = new MirrorSession(
            options with { ProcessId = (int)child.Call("os.getpid()"), Round = TimeSpan.FromMilliseconds(10) });
        session.Begin();
        session.Run(
            () =>
            {
                if (wasEnough || !(wasEnough = isEnough(session.TakeLooks())))
                    return;
                end.Cancel();
            },
            end.Token);
        Assert.True(wasEnough);
    }
}
