// A target: allocates on several threads so that the garbage collector is busy, for as many seconds as asked for. It prints "busy" when
// all of them do.
using System.Globalization;

double seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 5;
long end = Environment.TickCount64 + (long)(seconds * 1000);
var threads = new List<Thread>();
using var busy = new CountdownEvent(3);
for (int t = 0; t < busy.InitialCount; t++)
{
    int seed = t;
    var thread = new Thread(() => Churn(new Random(seed), end, busy));
    thread.Start();
    threads.Add(thread);
}

busy.Wait();
Console.WriteLine("busy");
foreach (Thread thread in threads)
    thread.Join();
Console.WriteLine($"collections: {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)}");

static void Churn(Random random, long end, CountdownEvent busy)
{
    var kept = new byte[2000][];
    bool isFirst = true;
    do
    {
        for (int i = 0; i < 500; i++)
            kept[random.Next(kept.Length)] = new byte[random.Next(1, random.Next(20) == 0 ? 200_000 : 2_000)];
        if (random.Next(200) == 0)
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (isFirst)
            busy.Signal();
        isFirst = false;
    }
    while (Environment.TickCount64 < end);
}
