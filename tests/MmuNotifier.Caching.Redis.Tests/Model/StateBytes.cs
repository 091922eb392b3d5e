using System.Runtime.InteropServices;

namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>A state as bytes. It has fields of one byte alone, so there is nothing between them.</summary>
internal static class StateBytes
{
    public static ReadOnlySpan<byte> Of<TState>(in TState state)
        where TState : struct => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in state, 1));

    public static int Hash<TState>(in TState state)
        where TState : struct
    {
        var hash = new HashCode();
        hash.AddBytes(Of(in state));
        return hash.ToHashCode();
    }
}
