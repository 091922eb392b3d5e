namespace MmuNotifier.Registration.Tests.Real;

/// <summary>Notes which frames a range has; and, if it pins, has an io_uring take the pages for writing and hold them.</summary>
internal sealed unsafe class FrameProvider(bool pins) : IRegistrationProvider<FrameProvider.Noted>
{
    private const int SetUpRing = 425;
    private const int RegisterWithRing = 427;
    private const int CloseDescriptor = 3;

    /// <summary>A registration, compared by reference.</summary>
    internal sealed record Noted(ulong[]? Frames, int Ring)
    {
        public bool Equals(Noted? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => Ring;
    }

    public Noted Register(AddressRange range)
    {
        int ring = pins ? Hold(range) : -1;
        return new Noted(MemoryCalls.FramesOf(range.Start, (range.Last - range.Start + 1) / MemoryCalls.Page), ring);
    }

    public void Release(Noted registration, AddressRange range)
    {
        if (registration.Ring >= 0)
            MemoryCalls.Do(CloseDescriptor, registration.Ring);
    }

    private static int Hold(AddressRange range)
    {
        byte* parameters = stackalloc byte[120];
        new Span<byte>(parameters, 120).Clear();
        int ring = (int)MemoryCalls.Do(SetUpRing, 1, (long)parameters);
        ulong* vector = stackalloc ulong[2] { range.Start, range.Last - range.Start + 1 };
        try
        {
            const int registerBuffers = 0;
            MemoryCalls.Do(RegisterWithRing, ring, registerBuffers, (long)vector, 1);
            return ring;
        }
        catch (NotSupportedException)
        {
            MemoryCalls.Do(CloseDescriptor, ring);
            throw;
        }
    }
}
