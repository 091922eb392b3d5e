using System.Diagnostics;
using System.Reflection;
using MmuNotifier;
using MmuNotifier.Tests.Unvalidated;

var space = new AddressSpace();
var driverLock = new DriverLock("device");
var declared = new DeclaredLock("other");
var quiet = new ProbeNotifier();
space.Insert(quiet, new AddressRange(1000, 1999));
space.Insert(new ProbeNotifier { OnCallback = TakeLocks }, new AddressRange(0, 9));
space.Insert(new ProbeNotifier { OnCallback = WaitInCallback }, new AddressRange(10, 19));

Console.WriteLine(
    $"debug build: {Assembly.GetExecutingAssembly().GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true }}");
Console.WriteLine($"wait in callback: {Outcome(() => Invalidate(10))}");
Console.WriteLine($"callback takes the locks: {Outcome(() => Invalidate(0))}");
Console.WriteLine($"wait under lock: {Outcome(WaitUnderLock)}");
Console.WriteLine($"wait under declared lock: {Outcome(WaitUnderDeclaredLock)}");
Console.WriteLine($"start under lock: {Outcome(StartUnderLock)}");
Console.WriteLine($"bytes allocated: {BytesAllocated()}");

void Invalidate(ulong address) => space.StartInvalidation(new AddressRange(address, address), InvalidationEvent.Clear).Dispose();

void WaitInCallback()
{
    quiet.ReadBegin();
    space.Synchronize();
}

void TakeLocks()
{
    using (driverLock.Hold())
    using (declared.Entering())
    {
    }
}

void WaitUnderLock()
{
    using (driverLock.Hold())
        quiet.ReadBegin();
}

void WaitUnderDeclaredLock()
{
    using (declared.Entering())
        quiet.ReadBegin();
}

void StartUnderLock()
{
    using (driverLock.Hold())
        Invalidate(0);
}

static string Outcome(Action action)
{
    try
    {
        action();
        return "fine";
    }
    catch (MisuseException)
    {
        return "reported";
    }
    catch (InvalidationFailedException exception) when (exception.InnerException is MisuseException)
    {
        return "reported";
    }
}

// What may be done in both cases.
long BytesAllocated()
{
    Repeat();
    long before = GC.GetAllocatedBytesForCurrentThread();
    Repeat();
    return GC.GetAllocatedBytesForCurrentThread() - before;
}

void Repeat()
{
    for (int i = 0; i < 200; i++)
    {
        Invalidate(0);
        TakeLocks();
        quiet.ReadBegin();
    }
}
