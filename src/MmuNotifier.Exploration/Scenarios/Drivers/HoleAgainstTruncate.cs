using MmuNotifier.Hmm;

namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>
/// A hole is cut into the middle while a file is cut short, which invalidates under no lock of the address space: neither half may be
/// without a notifier for a moment.
/// </summary>
internal sealed class HoleAgainstTruncate(string driver) : DriverScenario(driver)
{
    private MemoryFile _file = null!;

    protected override IEnumerable<Action> Setup()
    {
        _file = Memory.CreateFile(PageCount * (ulong)MirroredMemory.PageBytes);
        Memory.Map(AddressOf(FirstPage), _file.Length, Protection.Read | Protection.Write, MapFlags.Fixed | MapFlags.Shared, out _, _file);
        for (int page = FirstPage; page < FirstPage + PageCount; page++)
        {
            StartHistory(page, 0);
            Store(page, (byte)page);
        }

        Attach();
        for (int page = FirstPage; page < FirstPage + PageCount; page++)
            DeviceReads(page);
        return [Cpu, Other];
    }

    private void Cpu() => Unmap(2);

    private void Other()
    {
        NamedStep.Note("CPU: ftruncate, page 4 goes");
        Begin(4, PageHistory.Missing);
        Expect(_file.Truncate(3 * (ulong)MirroredMemory.PageBytes));
        End(4, PageHistory.Missing);
        DeviceReads(4);
    }
}
