using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// Whether the dynamic linker will load a library into a program before it starts. If not, it would never see the device.
/// </summary>
internal static class ProgramCheck
{
    private const int HeaderBytes = 64;
    private const int MaxInterpreters = 4;
    private const int Class64 = 2;
    private const uint InterpreterSegment = 3;

    /// <summary>Refuses, in one line, a program that cannot be served.</summary>
    /// <param name="path">A file that may be executed.</param>
    /// <exception cref="ProcessAttachException">Why not, and what to do.</exception>
    internal static void Require(string path)
    {
        string file = path;
        for (int i = 0; i < MaxInterpreters; i++)
        {
            if (InterpreterOf(file) is not { } interpreter)
                break;
            file = ProgramPath.Resolve(interpreter);
        }

        if (DescribeProblem(file) is { } problem)
        {
            string what = file == path ? path : $"{file}, which runs {path},";
            throw new ProcessAttachException($"{what} {problem}");
        }
    }

    /// <summary>What runs a script; null for a program.</summary>
    private static string? InterpreterOf(string path)
    {
        Span<byte> head = stackalloc byte[256];
        int length = ReadHead(path, head);
        if (length < 3 || head[0] != '#' || head[1] != '!')
            return null;
        string line = Encoding.UTF8.GetString(head[2..length]).Split('\n')[0].Trim();
        string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        // "/usr/bin/env python3" is env, which finds python3 as we do.
        if (words is [var first, var second, ..] && first.EndsWith("/env", StringComparison.Ordinal) && second[0] != '-')
            return second;
        return words.Length > 0 ? words[0] : null;
    }

    private static string? DescribeProblem(string path)
    {
        const string wanted = "the device is served by a preloaded library, which";
        Span<byte> head = stackalloc byte[HeaderBytes];
        if (ReadHead(path, head) < HeaderBytes || !head[..4].SequenceEqual("\u007fELF"u8))
            return null; // The system will say what it is.
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(head[18..]);
        if (head[4] != Class64 || machine != OwnMachine)
            return $"is a program for another processor: {wanted} is for this one only.";
        if (!HasInterpreter(path, head))
            return $"is linked statically: {wanted} needs the dynamic linker. Link it dynamically.";
        if (IsSetId(path) && !Environment.IsPrivilegedProcess)
            return $"is setuid or setgid: {wanted} is ignored for it. Run a copy without the bit, or run mmun as root.";
        return null;
    }

    private static ushort OwnMachine => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? (ushort)183 : (ushort)62;

    private static bool HasInterpreter(string path, ReadOnlySpan<byte> head)
    {
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(head[32..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(head[54..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(head[56..]);
        using FileStream file = File.OpenRead(path);
        file.Position = (long)offset;
        byte[] segments = new byte[size * count];
        int read = file.ReadAtLeast(segments, segments.Length, throwOnEndOfStream: false);
        for (int i = 0; i + size <= read && size >= sizeof(uint); i += size)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(segments.AsSpan(i)) == InterpreterSegment)
                return true;
        }

        return false;
    }

    private static bool IsSetId(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.SetUser | UnixFileMode.SetGroup)) != 0;

    private static int ReadHead(string path, Span<byte> head)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (UnauthorizedAccessException)
        {
            return 0; // May be executed and not read: nothing is known about it.
        }
    }
}
