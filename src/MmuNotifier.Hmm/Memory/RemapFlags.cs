namespace MmuNotifier.Hmm;

/// <summary>How <see cref="VirtualMemory.Remap"/> moves (<c>MREMAP_*</c>, same values).</summary>
[Flags]
public enum RemapFlags
{
    /// <summary>Shrink or grow in place only.</summary>
    None = 0,

    /// <summary>To another address where it must.</summary>
    MayMove = 1,

    /// <summary>To just the address given; what is mapped there goes. With <see cref="MayMove"/>.</summary>
    Fixed = 2,

    /// <summary>The old mapping stays, empty. With <see cref="MayMove"/>; the length must not change.</summary>
    DontUnmap = 4,
}
