using System.Runtime.InteropServices;

namespace MmuNotifier.Processes;

/// <summary>A null-terminated array of C strings, as <c>argv</c> and <c>environ</c> are.</summary>
internal sealed unsafe class StringVector : IDisposable
{
    private readonly byte** _strings;
    private readonly int _count;

    internal StringVector(IReadOnlyList<string> strings)
    {
        _count = strings.Count;
        _strings = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
            _strings[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
    }

    internal byte** Pointer => _strings;

    public void Dispose()
    {
        for (int i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)_strings[i]);
        NativeMemory.Free(_strings);
    }
}
