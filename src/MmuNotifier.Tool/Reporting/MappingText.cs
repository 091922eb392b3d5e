using System.Globalization;
using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Output;

namespace MmuNotifier.Tool.Reporting;

/// <summary>How mappings are written for people.</summary>
internal static class MappingText
{
    /// <summary>What memory without a name is called.</summary>
    internal const string NoName = "(anonymous)";

    /// <summary>Whether it is the kernel's clock, which every process has and which nobody sees written.</summary>
    internal static bool IsClock(string name) => name is "[vvar]" or "[vvar_vclock]";

    /// <summary>As in /proc/PID/maps: <c>rw-p</c>.</summary>
    internal static string Permissions(in LiveMapping mapping) => Permissions(mapping.Protection, mapping.IsShared);

    internal static string Permissions(Protection protection, bool isShared) => string.Create(4, (protection, isShared), (text, of) =>
    {
        text[0] = of.protection.HasFlag(Protection.Read) ? 'r' : '-';
        text[1] = of.protection.HasFlag(Protection.Write) ? 'w' : '-';
        text[2] = of.protection.HasFlag(Protection.Execute) ? 'x' : '-';
        text[3] = of.isShared ? 's' : 'p';
    });

    internal static string Address(ulong address) => address.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Printable; memory without a name gets one.</summary>
    internal static string Name(string name) => name.Length == 0 ? NoName : TextCells.Printable(name);

    /// <summary>The same, of a path only the file's name.</summary>
    internal static string ShortName(string name)
    {
        string printable = Name(name);
        return printable.StartsWith('/') ? printable[(printable.LastIndexOf('/') + 1)..] : printable;
    }
}
