using MmuNotifier.Linux.Tests.Watch;

namespace MmuNotifier.Linux.Tests.Userfaultfd;

/// <summary>
/// The readers of this process's events with events as no kernel should send them: none throws, none stops, none takes an event for
/// nothing.
/// </summary>
[Collection(WatchGroup.Name)]
public sealed unsafe class ForgedEventTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly UserfaultMessage s_unmapping = new() { Number = UserfaultMessage.Unmap, First = 0x5000, Second = 0x9000 };
    private static readonly AddressRange s_unmapped = new(0x5000, 0x8FFF);

    [Fact]
    public void The_native_handler_passes_all_of_them_on_but_faults()
    {
        using var pipe = new MessagePipe();
        using var stop = new WakeDescriptor();
        using var signal = new WakeDescriptor();
        nint handler = HandlerLibrary.FindLack() is { } lack
            ? throw Xunit.Sdk.SkipException.ForSkip(lack)
            : HandlerLibrary.Start((int)pipe.Reader.DangerousGetHandle(), stop.Descriptor, signal.Descriptor);
        try
        {
            foreach (UserfaultMessage message in ForgedMessages.Seeded())
            {
                UserfaultEvent expected = UserfaultEvent.Decode(in message);
                pipe.Send(message);
                if (expected.Kind == UserfaultEventKind.PageFault)
                    continue;
                UserfaultEvent? news = null;
                Assert.True(SpinWait.SpinUntil(() => (news = Fetch(handler)) is not null, Limit), $"the handler has ended at {expected}");
                Assert.Equal(expected, news);
            }
        }
        finally
        {
            stop.Signal();
            HandlerLibrary.Stop(handler);
        }
    }

    [Fact]
    public void The_watch_of_this_process_reports_what_comes_after_them()
    {
        using var watched = new Watched();
        using var pipe = new MessagePipe();
        Assert.Equal(watched.Watch.EventDescriptor, Calls.Duplicate((int)pipe.Reader.DangerousGetHandle(), watched.Watch.EventDescriptor));
        foreach (UserfaultMessage message in ForgedMessages.Seeded())
            pipe.Send(message);
        pipe.Send(s_unmapping);
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    watched.Watch.CatchUp();
                    return watched.Watch.Failure is not null || watched.IsReportedAlone(s_unmapped);
                },
                Limit),
            "the reader has ended");
        Assert.Null(watched.Watch.Failure);
    }

    private static UserfaultEvent? Fetch(nint handler)
    {
        UserfaultEvent news;
        return HandlerLibrary.Fetch(handler, &news) != 0 ? news : null;
    }
}
