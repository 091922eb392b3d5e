namespace MmuNotifier.Tool.Races;

/// <summary>Threads that keep processors busy until they are disposed, so that others are interrupted at any place.</summary>
internal sealed class BusyThreads : IDisposable
{
    private readonly List<Thread> _threads = [];
    private bool _isOver;

    internal BusyThreads(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var thread = new Thread(Spin) { IsBackground = true };
            thread.Start();
            _threads.Add(thread);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        _threads.ForEach(thread => thread.Join());
    }

    private void Spin()
    {
        while (!Volatile.Read(ref _isOver))
            Thread.SpinWait(1000);
    }
}
