using System.Numerics;
using System.Runtime.InteropServices;

namespace MmuNotifier.Tool.Recording;

/// <summary>The numbers of the format of recordings; docs/recording.md describes it.</summary>
internal static class RecordingFormat
{
    internal const ushort Version = 1;
    internal const int HeaderBytes = 12;

    /// <summary>Length, type and check sum of a record.</summary>
    internal const int FrameBytes = 9;

    /// <summary>The most bytes between them: a reader takes no more memory for a record.</summary>
    internal const int MaxPayloadBytes = 1 << 22;

    /// <summary>So many elements fit into a payload, whatever they are.</summary>
    internal const int MaxElements = 1 << 16;

    /// <summary>No address of a process has a page number above this.</summary>
    internal const ulong MaxPage = (1UL << 51) - 1;

    internal static ReadOnlySpan<byte> Magic => "mmun-rec"u8;

    /// <summary>CRC-32C of the type and the payload.</summary>
    internal static uint CheckSum(RecordType type, ReadOnlySpan<byte> payload)
    {
        uint sum = BitOperations.Crc32C(uint.MaxValue, (byte)type);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload);
        foreach (ulong word in words)
            sum = BitOperations.Crc32C(sum, word);
        foreach (byte rest in payload[(words.Length * sizeof(ulong))..])
            sum = BitOperations.Crc32C(sum, rest);
        return ~sum;
    }
}

/// <summary>What a record is; the numbers stand in files.</summary>
internal enum RecordType : byte
{
    Begin = 1,
    Name = 2,
    Mappings = 3,
    Written = 4,
    Events = 5,
    Lost = 6,
    Look = 7,
    Command = 8,
    End = 9,
}

/// <summary>Why a recording has ended; the numbers stand in files.</summary>
internal enum RecordingEnd : byte
{
    /// <summary>It has no end: mmun was killed, or records still.</summary>
    None = 0,

    /// <summary>The process has ended.</summary>
    ProcessEnded = 1,

    /// <summary>The user, a signal or --duration has ended it.</summary>
    Asked = 2,

    /// <summary>The next look would have made the file larger than it may be.</summary>
    SizeReached = 3,
}
