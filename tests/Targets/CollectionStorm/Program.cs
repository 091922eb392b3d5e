using System.Runtime.InteropServices;
using CollectionStorm;

// Two threads collect garbage without pause, two touch every page by pointer and check what they find, and this one moves pages to a "device" and
// lets touches bring them back. Arguments: the handler library, seconds. Prints counts, or ends with a message that says what was wrong.
const int pages = 64;
const ulong pageBytes = 4096;
const uint revoked = 1u << 31;
const nuint api = 0xC018AA3F, register = 0xC020AA00;
TimeSpan duration = TimeSpan.FromSeconds(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
unsafe
{
    var library = new HandlerLibrary(NativeLibrary.Load(args[0]));
    int userfaultfd = (int)Libc.Userfaultfd(323, 0x80800);
    if (userfaultfd < 0)
    {
        Console.WriteLine("skip: no userfaultfd");
        return 3;
    }

    int signal = Libc.EventDescriptor(0, 0x80800);
    int stop = Libc.EventDescriptor(0, 0x80800);
    ulong start = (ulong)Libc.Map(0, (nint)(pages * pageBytes), 3, 0x22, -1, 0);
    ulong* handshake = stackalloc ulong[3] { 0xAA, 4 | 8 | 64, 0 };
    ulong* registration = stackalloc ulong[4] { start, pages * pageBytes, 3, 0 };
    if (Libc.Control(userfaultfd, api, handshake) != 0 || Libc.Control(userfaultfd, register, registration) != 0)
        throw new InvalidOperationException("userfaultfd refuses.");
    nint handler = library.Start(userfaultfd, stop, signal);
    byte* device = (byte*)NativeMemory.AlignedAlloc((nuint)(pages * pageBytes), (nuint)pageBytes);
    uint* words = (uint*)NativeMemory.AllocZeroed(pages * sizeof(uint));
    new Span<uint>(words, pages).Fill(revoked);

    bool isRunning = true;
    long touches = 0;
    var threads = new List<Thread>();
    for (int i = 0; i < 2; i++)
    {
        int word = i;
        threads.Add(new Thread(Collect));
        threads.Add(new Thread(() => Touch(word)));
    }

    threads.ForEach(thread => thread.Start());
    long moved = 0, messages = 0;
    var random = new Random(1);
    byte* message = stackalloc byte[32];
    for (DateTime end = DateTime.UtcNow + duration; DateTime.UtcNow < end;)
    {
        int page = random.Next(pages);
        ulong address = start + ((ulong)page * pageBytes);
        byte residency = 0;
        if (words[page] == revoked && Libc.Resident(address, (nint)pageBytes, &residency) == 0 && (residency & 1) != 0
            && library.Move(handler, address, device + (page * (int)pageBytes), words + page))
            moved++;
        while (library.Fetch(handler, message))
            messages++;
    }

    Volatile.Write(ref isRunning, false);
    foreach (Thread thread in threads)
    {
        if (!thread.Join(10_000))
            Environment.FailFast("A thread hangs.");
    }

    ulong one = 1;
    _ = Libc.Write(stop, &one, sizeof(ulong));
    library.Stop(handler);
    Console.WriteLine($"moved {moved} messages {messages} touches {touches} collections {GC.CollectionCount(0)}");
    return moved > 0 && touches > 0 && GC.CollectionCount(0) > 0 ? 0 : 1;

    void Collect()
    {
        while (Volatile.Read(ref isRunning))
        {
            for (int i = 0; i < 200; i++)
                GC.KeepAlive(new byte[2000]);
            GC.Collect();
        }
    }

    void Touch(int word)
    {
        for (ulong round = 0; Volatile.Read(ref isRunning); round++)
        {
            for (ulong page = 0; page < pages; page++)
            {
                ulong* value = (ulong*)(start + (page * pageBytes)) + word;
                if (Volatile.Read(ref *value) != round)
                    Environment.FailFast($"Page {page} has {*value} instead of {round}.");
                Volatile.Write(ref *value, round + 1);
            }

            Interlocked.Add(ref touches, pages);
        }
    }
}
