using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Top;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Top;

/// <summary>A model of four looks at a program that leaks, writes, and maps and unmaps.</summary>
internal static class TopModels
{
    internal const int Heap = 1, Buffer = 2, Idle = 3, Library = 4;

    internal static TopModel Busy()
    {
        var model = new TopModel { ProcessId = 4711, Command = "server --port 80", Stops = 1, Stopped = TimeSpan.FromMilliseconds(8.4) };
        for (int i = 1; i <= 4; i++)
        {
            var heap = (ulong)(100 * i);
            model.Add(Sample(
                i,
                [
                    Mapping(0x1000, heap, "[heap]"),
                    Mapping(0x9000, 256),
                    Mapping(0xA000, 1000) with { NotSeen = "others write it", IsShared = true },
                    new LiveMapping
                    {
                        Range = Pages(0x7f0000, 64),
                        Name = "/usr/lib/x86_64-linux-gnu/libsomething.so.6.0.30",
                        Protection = Protection.Read | Protection.Execute,
                        IsFileBacked = true,
                    },
                ],
                [Pages(0x1000, heap), Pages(0x9000, 256), Pages(0x7f0000, 10)],
                [Pages(0x1000 + heap - 50, 50), Pages(0x9000, 16)],
                i == 1 ? [] : [Event(MemoryEventKind.Mapped, 0x1000 + heap - 100, 100, i), Event(MemoryEventKind.Dropped, 0x9000, 1, i)]));
        }

        return model;
    }
}
