using System.Globalization;
using MmuNotifier;
using MmuNotifier.Processes;

int unmaps = 0;
LiveProcess.WarmUp(); // Compiles what runs while the process is stopped.
using LiveProcess process = LiveProcess.Attach(int.Parse(args[0], CultureInfo.InvariantCulture));
process.Space.Insert(AddressRange.Whole, (in Invalidation change) =>
{
    if (change.Event == InvalidationEvent.Unmap) // On a thread of the library; the process waits for this.
        Interlocked.Increment(ref unmaps);
    return InvalidateResult.Done;
});

using WriteTracker writes = process.TrackWrites();
Thread.Sleep(TimeSpan.FromSeconds(3));
WrittenPages written = writes.Take();
Console.WriteLine($"{written.PageCount} pages written and {unmaps} times memory unmapped in {written.Period.TotalSeconds:0.0} s");
foreach (LiveMapping mapping in process.GetMappings().OrderByDescending(each => written.CountIn(each.Range)).Take(3))
    Console.WriteLine($"{written.CountIn(mapping.Range),6} in {mapping.Range} {mapping.Name}");
foreach (LiveMapping mapping in written.NotSeen)
    Console.WriteLine($"not seen: {mapping.Range} {mapping.Name}: {mapping.NotSeen}");

using (FrozenProcess frozen = process.Freeze(TimeSpan.FromSeconds(1))) // It runs again after a second at the latest.
{
    byte[] top = new byte[8];
    foreach (ThreadRegisters thread in frozen.GetThreads())
    {
        ReadOutcome outcome = frozen.Read(thread.StackPointer, top, out _);
        Console.WriteLine($"thread {thread.ThreadId} at 0x{thread.InstructionPointer:x}, stack {outcome}: {Convert.ToHexString(top)}");
    }
}

CoreReport core = process.WriteCore(args[1]);
Console.WriteLine($"{args[1]}: {core.Threads} threads, stopped for {core.Stop.TotalMilliseconds:0.0} ms");
