using System.Buffers.Binary;

namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>
/// Changes the address space, one change at a time, and notes in the oracle what each page may have and permit during the change and after
/// it.
/// </summary>
/// <remarks>
/// New mappings are the most frequent change, so that most pages permit what the accesses want: an access that is refused finds little.
/// </remarks>
internal sealed class AddressSpaceChanger(StressArena arena)
{
    private readonly Lock _lock = new();
    private readonly Oracle _oracle = arena.Oracle;

    public void Change(Random random, int thread, Func<ulong> nextValue)
    {
        lock (_lock)
        {
            _oracle.Begin(thread);
            bool isFile = random.Next(3) == 0;
            int first = random.Next(arena.Pages);
            int count = Math.Min(1 + random.Next(4), arena.Pages - first);
            first += isFile ? arena.Pages : 0;
            switch (random.Next(20))
            {
                case < 2:
                    Unmap(first, count, thread);
                    break;
                case < 11:
                    MapOver(first, count, thread);
                    break;
                case < 14:
                    Protect(first, count, random, thread);
                    break;
                case < 16:
                    DropContent(first, count, thread);
                    break;
                case < 18:
                    if (isFile)
                        Truncate(first, thread);
                    else
                        Move(first, random.Next(arena.Pages), thread);
                    break;
                default:
                    Fork(random, thread, nextValue);
                    break;
            }

            _oracle.End(thread);
        }
    }

    private void Unmap(int first, int count, int thread)
    {
        RegisterWrite[] permits = Begin(first, count, PageAccess.None);
        RegisterWrite[] zeros = arena.IsOfFile(first) ? [] : BeginZeros(first, count);
        StressArena.Require(arena.Memory.Unmap(arena.AddressOf(first), StressArena.Bytes(count)));
        End(first, count, thread, "unmapped", permits, zeros);
        SetState(first, count, isMapped: false, PageAccess.None);
    }

    private void MapOver(int first, int count, int thread)
    {
        RegisterWrite[] gone = Begin(first, count, PageAccess.None, isTransient: true);
        RegisterWrite[] permits = Begin(first, count, PageAccess.Write);
        RegisterWrite[] zeros = arena.IsOfFile(first) ? [] : BeginZeros(first, count);
        StressArena.Require(arena.IsOfFile(first) ? arena.MapFile(first, count) : arena.MapAnonymous(first, count));
        End(first, count, thread, "mapped over", gone, permits, zeros);
        SetState(first, count, isMapped: true, PageAccess.Write);
    }

    private void Protect(int first, int count, Random random, int thread)
    {
        if (!arena.IsMapped.AsSpan(first, count).SequenceEqual(Enumerable.Repeat(true, count).ToArray()))
            return;
        (PageAccess access, Protection protection) = random.Next(6) switch
        {
            0 => (PageAccess.None, Protection.None),
            < 3 => (PageAccess.Read, Protection.Read),
            _ => (PageAccess.Write, Protection.Read | Protection.Write),
        };
        RegisterWrite[] permits = Begin(first, count, access);
        StressArena.Require(arena.Memory.Protect(arena.AddressOf(first), StressArena.Bytes(count), protection));
        End(first, count, thread, $"protected: {access}", permits);
        SetState(first, count, isMapped: true, access);
    }

    // DontNeed of private memory; of the file a hole. A page that is not mapped has zeros when it is mapped again in any case.
    private void DropContent(int first, int count, int thread)
    {
        RegisterWrite[] zeros = BeginZeros(first, count);
        if (arena.IsOfFile(first))
            StressArena.Require(arena.File.PunchHole(StressArena.Bytes(first - arena.Pages), StressArena.Bytes(count)));
        else
            arena.Memory.Advise(arena.AddressOf(first), StressArena.Bytes(count), Advice.DontNeed);
        End(first, count, thread, "content dropped", zeros);
    }

    private void Truncate(int first, int thread)
    {
        int count = (2 * arena.Pages) - first;
        RegisterWrite[] gone = Begin(first, count, PageAccess.None);
        RegisterWrite[] zeros = BeginZeros(first, count);
        StressArena.Require(arena.File.Truncate(StressArena.Bytes(first - arena.Pages)));
        End(first, count, thread, "truncated away", gone, zeros);
        var back = new RegisterWrite[count];
        for (int i = 0; i < count; i++)
            back[i] = _oracle.BeginPermit(first + i, arena.Access[first + i]);
        StressArena.Require(arena.File.Truncate(StressArena.Bytes(arena.Pages)));
        End(first, count, thread, "file grown again", back);
    }

    private void Move(int from, int to, int thread)
    {
        if (from == to || !arena.IsMapped[from])
            return;
        RegisterWrite left = _oracle.BeginPermit(from, PageAccess.None);
        RegisterWrite gone = _oracle.BeginPermit(to, PageAccess.None, isTransient: true);
        RegisterWrite permits = _oracle.BeginPermit(to, arena.Access[from]);
        RegisterWrite value = _oracle.BeginMove(to, from);
        StressArena.Require(arena.Memory.Remap(
            arena.AddressOf(from), MirroredMemory.PageBytes, MirroredMemory.PageBytes, RemapFlags.MayMove | RemapFlags.Fixed, out _,
                arena.AddressOf(to)));
        _oracle.EndChange(to, thread, $"moved here from 0x{arena.AddressOf(from):x}", gone, permits, value);
        _oracle.EndChange(from, thread, $"moved to 0x{arena.AddressOf(to):x}", left);
        _oracle.EndChange(from, thread, "zeros when mapped again", _oracle.BeginValue(from, 0));
        SetState(to, 1, isMapped: true, arena.Access[from]);
        SetState(from, 1, isMapped: false, PageAccess.None);
    }

    private void Fork(Random random, int thread, Func<ulong> nextValue)
    {
        if (arena.Memory.WhyUnsupported(MemoryFeature.Fork) is not null)
            return;
        long begin = _oracle.Now();
        using VirtualMemory child = arena.Memory.Fork();
        long end = _oracle.Now();
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        foreach (int page in Enumerable.Range(0, arena.Pages).OrderBy(_ => random.Next()).Take(4))
        {
            // Each private page once: what the child writes after it must not show in the parent.
            if (child.Load(arena.AddressOf(page), word) == Errno.None)
                _oracle.CheckCopy(page, thread, begin, end, BinaryPrimitives.ReadUInt64LittleEndian(word));
            BinaryPrimitives.WriteUInt64LittleEndian(word, nextValue());
            child.Store(arena.AddressOf(page), word);
        }
    }

    private RegisterWrite[] Begin(int first, int count, PageAccess access, bool isTransient = false)
    {
        var writes = new RegisterWrite[count];
        for (int i = 0; i < count; i++)
            writes[i] = _oracle.BeginPermit(first + i, access, isTransient);
        return writes;
    }

    private RegisterWrite[] BeginZeros(int first, int count)
    {
        var writes = new RegisterWrite[count];
        for (int i = 0; i < count; i++)
            writes[i] = _oracle.BeginValue(first + i, 0);
        return writes;
    }

    private void End(int first, int count, int thread, string what, params RegisterWrite[][] writes)
    {
        for (int i = 0; i < count; i++)
            _oracle.EndChange(first + i, thread, what, [.. writes.Where(all => all.Length > 0).Select(all => all[i])]);
    }

    private void SetState(int first, int count, bool isMapped, PageAccess access)
    {
        arena.IsMapped.AsSpan(first, count).Fill(isMapped);
        arena.Access.AsSpan(first, count).Fill(access);
    }
}
