using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Output;

/// <summary>
/// The terminal on standard input and output, while it shows a screen that is redrawn: the alternate screen, no cursor, keys as they are
/// pressed. <see cref="Dispose"/> brings back what was, and may be called on any thread and more than once.
/// </summary>
internal sealed unsafe class Terminal : IDisposable
{
    private const int StandardInput = 0, StandardOutput = 1, StandardError = 2;
    private const nuint GetAttributes = 0x5401, SetAttributes = 0x5402, GetWindowSize = 0x5413;
    private const uint CanonicalInput = 2, Echo = 8;
    private const uint FlowControl = 0x400;
    private const int LineFlags = 3, ControlCharacters = 17, MinimumCharacter = 6, TimeCharacter = 5, SuspendCharacter = 10;
    private const int AttributeBytes = 64;
    private const string Enter = "\e[?1049h\e[?25l\e[2J";

    private const string Leave = "\e[0m\e[?25h\e[?1049l";

    private readonly SafeFileHandle _input = new(StandardInput, ownsHandle: false);
    private readonly SafeFileHandle _output = new(StandardOutput, ownsHandle: false);
    private readonly byte[] _attributes = new byte[AttributeBytes];
    private readonly bool _hasKeys;
    private int _left;

    /// <summary>Shows the screen. Only where <see cref="IsOutput"/> holds.</summary>
    internal Terminal()
    {
        _hasKeys = Try(_input, GetAttributes, _attributes);
        if (_hasKeys)
            SetKeyMode();
        Console.Out.Write(Enter);
    }

    /// <summary>Whether keys can be read: standard input is a terminal.</summary>
    internal bool HasKeys => _hasKeys;

    /// <summary>Whether standard output is a terminal that knows the cursor.</summary>
    internal static bool IsOutput()
    {
        using var output = new SafeFileHandle(StandardOutput, ownsHandle: false);
        return Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb")
            && Try(output, GetAttributes, new byte[AttributeBytes]);
    }

    /// <summary>
    /// At the end of every command: the runtime changes the mode of the cursor and number keys, in some commands, and leaves it so.
    /// </summary>
    internal static void RestoreKeys()
    {
        if (Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
            return;
        ReadOnlySpan<byte> usual = "\e[?1l\e>"u8;
        foreach (int descriptor in (ReadOnlySpan<int>)[StandardOutput, StandardError])
        {
            using var terminal = new SafeFileHandle(descriptor, ownsHandle: false);
            if (!Try(terminal, GetAttributes, new byte[AttributeBytes]))
                continue;
            fixed (byte* bytes = usual)
                _ = Syscall.Write(terminal, bytes, (nuint)usual.Length);
            return;
        }
    }

    /// <summary>The columns and lines of the terminal on standard output; null if it is none or does not say.</summary>
    internal static (int Width, int Height)? ReadSize()
    {
        using var output = new SafeFileHandle(StandardOutput, ownsHandle: false);
        var size = new byte[8];
        if (!Try(output, GetWindowSize, size))
            return null;
        (int height, int width) = (BitConverter.ToUInt16(size, 0), BitConverter.ToUInt16(size, 2));
        return width > 0 && height > 0 ? (width, height) : null;
    }

    /// <summary>Reads the keys that have been pressed; does not wait.</summary>
    /// <returns>How many bytes; -1 if no more can come, because the terminal is gone.</returns>
    internal int ReadKeys(Span<byte> keys)
    {
        if (!_hasKeys)
            return 0;
        Span<PollEntry> entry = [new PollEntry { Descriptor = StandardInput, Wanted = PollEvents.In }];
        if (DescriptorPoll.Wait(entry, 0, out _) <= 0)
            return 0;
        fixed (byte* bytes = keys)
        {
            long read = Syscall.Read(_input, bytes, (nuint)keys.Length);
            return read > 0 ? (int)read : -1;
        }
    }

    /// <summary>Waits until a key is pressed, another descriptor is readable or the time is over.</summary>
    internal void Wait(int descriptor, TimeSpan limit)
    {
        int milliseconds = (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 0, int.MaxValue);
        Span<PollEntry> entries =
        [
            new PollEntry { Descriptor = descriptor, Wanted = PollEvents.In },
            new PollEntry { Descriptor = _hasKeys ? StandardInput : -1, Wanted = PollEvents.In },
        ];
        _ = DescriptorPoll.Wait(entries, milliseconds, out _);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) != 0)
            return;
        RestoreMode();
        try
        {
            Console.Out.Write(Leave);
        }
        catch (OutputLostException)
        {
            // There is no terminal any more.
        }
    }

    /// <summary>What of it cannot wait for anybody: for an end by force.</summary>
    internal void RestoreMode()
    {
        if (_hasKeys)
            _ = Try(_input, SetAttributes, _attributes);
    }

    /// <remarks>
    /// Ctrl-C and Ctrl-\ still make signals. Ctrl-Z does not: while mmun is stopped, the process that it watches would wait for it.
    /// </remarks>
    private void SetKeyMode()
    {
        byte[] attributes = [.. _attributes];
        Span<uint> flags = MemoryMarshal.Cast<byte, uint>(attributes.AsSpan());
        flags[0] &= ~FlowControl;
        flags[LineFlags] &= ~(CanonicalInput | Echo);
        attributes[ControlCharacters + MinimumCharacter] = 0;
        attributes[ControlCharacters + TimeCharacter] = 0;
        attributes[ControlCharacters + SuspendCharacter] = 0;
        _ = Try(_input, SetAttributes, attributes);
    }

    private static bool Try(SafeFileHandle terminal, nuint request, byte[] argument)
    {
        fixed (byte* bytes = argument)
            return Syscall.Ioctl(terminal, request, bytes) >= 0;
    }
}
