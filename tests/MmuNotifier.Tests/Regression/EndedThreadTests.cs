using System.Runtime.CompilerServices;

namespace MmuNotifier.Tests.Regression;

/// <summary>What a space keeps for a thread goes when the thread has gone: with one thread for each request they were thousands.</summary>
public class EndedThreadTests
{
    [Fact]
    public void Objects_of_threads_that_came_and_went_are_given_up()
    {
        var space = new AddressSpace();
        StartOnOtherThreads(space, 100);
        Patience.Until(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return space.Active.RegisteredCount < 50;
            },
            "the objects of ended threads are given up");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StartOnOtherThreads(AddressSpace space, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var thread = new Thread(() => space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear).Dispose());
            thread.Start();
            thread.Join();
        }
    }
}
