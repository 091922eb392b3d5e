using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct uffdio_api.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct UffdioApi
{
    internal const nuint Request = 0xC018AA3F;
    internal const ulong Version = 0xAA;

    internal ulong Api;
    internal ulong Features;
    internal ulong Ioctls;
}

/// <summary>struct uffdio_range; start and length as the kernel has them.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct UffdioRange
{
    internal const nuint UnregisterRequest = 0x8010AA01;
    internal const nuint WakeRequest = 0x8010AA02;

    internal ulong Start;
    internal ulong LengthBytes;
}

/// <summary>struct uffdio_register.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct UffdioRegister
{
    internal const nuint Request = 0xC020AA00;

    internal UffdioRange Range;
    internal ulong Mode;
    internal ulong Ioctls;
}

/// <summary>struct uffdio_writeprotect.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct UffdioWriteProtect
{
    internal const nuint Request = 0xC018AA06;
    internal const ulong Protect = 1;
    internal const ulong DoNotWake = 2;

    internal UffdioRange Range;
    internal ulong Mode;
}

/// <summary>struct uffdio_copy.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct UffdioCopy
{
    internal const nuint Request = 0xC028AA03;

    internal ulong Destination;
    internal ulong Source;
    internal ulong LengthBytes;
    internal ulong Mode;
    internal long Copied;
}

/// <summary>struct uffdio_poison.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct UffdioPoison
{
    internal const nuint Request = 0xC020AA08;

    internal UffdioRange Range;
    internal ulong Mode;
    internal long Updated;
}

/// <summary>struct uffdio_zeropage.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct UffdioZeroPage
{
    internal const nuint Request = 0xC020AA04;

    internal UffdioRange Range;
    internal ulong Mode;
    internal long Zeroed;
}
