extern alias iouring;
using iouring::MmuNotifier.IoUring;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;
using MmuNotifier.Registration;

namespace MmuNotifier.FaultInjection;

/// <summary>
/// Fixed buffers of an io_uring through the cache: what is read into one is found in the memory that is mapped there now.
/// </summary>
internal sealed class RegisterOperation : Operation
{
    private const int Rounds = 6;

    private readonly string _path = Path.GetTempFileName();
    private readonly byte[] _content =
        [.. Enumerable.Range(0, Rounds * OwnPages.Bytes).Select(i => (byte)(1 + (i / OwnPages.Bytes) + (i % 13)))];

    internal override string Name => "register";

    internal override string? Run(Injector injector, FaultCase? faultCase)
    {
        File.WriteAllBytes(_path, _content);
        using SafeFileHandle file = File.OpenHandle(_path);
        injector.Arm(faultCase);
        try
        {
            using FixedRing? ring = FixedRing.Create(out string? lack);
            if (ring is null)
                return lack is null ? "no ring, and no reason" : CheckMessage(lack);
            using var watch = new LinuxMemoryWatch(new AddressSpace());
            using var registry = new IoUringBufferRegistry(ring.Handle, watch, slots: 8);
            AddressRange pages = OwnPages.Map(1);
            string? problem = null;
            for (int round = 0; round < Rounds && problem is null; round++)
            {
                if (round == Rounds - 1)
                    injector.Disarm();
                problem = RunRound(ring, registry, file, pages, round);
            }

            OwnPages.Unmap(pages);
            return problem;
        }
        catch (IoUringBufferException refusal)
        {
            return CheckMessage(refusal.Message);
        }
        finally
        {
            injector.Disarm();
        }
    }

    private string? RunRound(FixedRing ring, IoUringBufferRegistry registry, SafeFileHandle file, AddressRange pages, int round)
    {
        try
        {
            using RegistrationLease<int> lease = registry.Get(pages);
            ulong offset = (ulong)(round * OwnPages.Bytes);
            int read = ring.Read(file, offset, lease.Registration, pages.Start, OwnPages.Bytes);
            if (read == OwnPages.Bytes && !OwnPages.BytesOf(pages).SequenceEqual(_content.AsSpan((int)offset, OwnPages.Bytes)))
                return "what was read is not in the memory";
        }
        catch (IoUringBufferException refusal)
        {
            return CheckMessage(refusal.Message);
        }
        finally
        {
            // Other memory at the same address: the buffer that was registered is worth nothing.
            if (round % 2 == 0)
                OwnPages.Unmap(pages);
            OwnPages.MapAgain(pages);
        }

        return null;
    }

    public override void Dispose()
    {
        File.Delete(_path);
        base.Dispose();
    }
}
