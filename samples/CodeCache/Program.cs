using System.Runtime.InteropServices;
using System.Text;
using MmuNotifier;
using MmuNotifier.Linux;

using var watch = new LinuxMemoryWatch(new AddressSpace());
ulong code = Memory.Map(0, 65536, 3, 0x22, -1, 0); // Private, anonymous.
if (!watch.TryWatchWrites(AddressRange.FromLength(code, 65536), out WriteWatch? writes))
{
    Console.WriteLine(watch.Failure);
    return;
}

var cache = new CodeCache(writes);
Store(0, "+++.");
Store(8192, "*+.");
Console.WriteLine($"{cache.Run(code, 5)} {cache.Run(code + 8192, 5)}, {cache.Compilations} compiled");
Console.WriteLine($"{cache.Run(code, 5)} {cache.Run(code + 8192, 5)}, {cache.Compilations} compiled");
Store(1, "*"); // The program changes its own code. Any code of this process may do that; no call notifies the cache.
Console.WriteLine($"{cache.Run(code, 5)} {cache.Run(code + 8192, 5)}, {cache.Compilations} compiled");
writes.Dispose();

void Store(ulong offset, string text) => Marshal.Copy(Encoding.ASCII.GetBytes(text), 0, (nint)(code + offset), text.Length);

/// <summary>Compiles code of a small machine: + adds one, * doubles, . ends.</summary>
sealed class CodeCache(WriteWatch writes)
{
    private readonly Dictionary<ulong, (AddressRange Code, Func<int, int> Run)> _compiled = [];
    private readonly List<AddressRange> _written = [];

    public int Compilations { get; private set; }

    public int Run(ulong address, int value)
    {
        // First the look, then the compilation: what is written between the two is found by the next look.
        writes.TakeWritten(_written);
        foreach (AddressRange pages in _written)
        {
            foreach (ulong stale in _compiled.Keys.Where(start => pages.Overlaps(_compiled[start].Code)).ToArray())
                _compiled.Remove(stale);
        }

        if (!_compiled.TryGetValue(address, out (AddressRange Code, Func<int, int> Run) block))
            _compiled[address] = block = Compile(address);
        return block.Run(value);
    }

    private (AddressRange Code, Func<int, int> Run) Compile(ulong address)
    {
        Compilations++;
        Func<int, int> compiled = value => value;
        ulong at = address;
        for (; Marshal.ReadByte((nint)at) is var step && step != '.'; at++)
        {
            Func<int, int> before = compiled;
            compiled = step == '+' ? value => before(value) + 1 : value => before(value) * 2;
        }

        return (new AddressRange(address, at), compiled);
    }
}

static partial class Memory
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial ulong Map(ulong address, ulong length, int protection, int flags, int file, long offset);
}
