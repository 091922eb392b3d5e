using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The registered buffers of a process's io_urings. The kernel writes them at any time, also while the process is stopped, and through a
/// reference to the page that was taken when they were registered, so that no protection shows it.
/// </summary>
/// <param name="threadId">Gives a thread of the process that lives: a main thread that has ended shows no descriptors.</param>
internal sealed class DirectBuffers(Func<int> threadId)
{
    private const string RingName = "anon_inode:[io_uring]";
    private const string BuffersHeading = "UserBufs:";

    private const string UserfaultfdName = "anon_inode:[userfaultfd]";

    /// <summary>Where a ring's entries are mapped: each ring has exactly one such mapping.</summary>
    private const ulong EntriesOffset = 0x10000000;

    private List<string> _rings = [];
    private int _ringCount;

    /// <summary>Whether the process had a userfaultfd at the last look.</summary>
    internal bool HasUserfaultfd { get; private set; }

    /// <summary>Looks through the open descriptors: some microseconds a descriptor, so not while the process is stopped.</summary>
    internal void LookAtDescriptors()
    {
        var descriptors = new List<int>();
        bool hasUserfaultfd = false;
        int id = threadId();
        string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/fd");
        try
        {
            foreach (string path in Syscall.ListFolder(folder))
            {
                string? target = Syscall.ReadLink(path);
                hasUserfaultfd |= target == UserfaultfdName;
                if (target == RingName)
                    descriptors.Add(int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process is gone, or is not ours to look into; then it is not mirrored either.
        }

        HasUserfaultfd = hasUserfaultfd;
        _rings = descriptors.ConvertAll(
            descriptor => string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/fdinfo/{descriptor}"));
        _ringCount = CountFiles(id, descriptors);
    }

    /// <summary>
    /// Whether a ring is mapped that has no descriptor: it was registered and closed (IORING_REGISTER_RING_FDS), or belongs to another
    /// process. Then its buffers are not known.
    /// </summary>
    internal bool HasHiddenRing(IEnumerable<ProcessMapping> mappings) =>
        mappings.Count(mapping => mapping.Name == RingName && mapping.Offset == EntriesOffset) > _ringCount;

    /// <summary>The pages of the buffers that are registered now with the rings found, bounds on the page grid.</summary>
    internal List<AddressRange> Read()
    {
        var buffers = new List<AddressRange>();
        foreach (string ring in _rings)
        {
            try
            {
                Parse(Syscall.ReadText(ring), buffers);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Closed meanwhile, and its buffers with it.
            }
        }

        return buffers;
    }

    /// <summary>Reads lines such as <c>    0: 0x7f4f71960000/65536</c> behind the heading.</summary>
    internal static void Parse(string text, List<AddressRange> buffers)
    {
        int heading = text.IndexOf(BuffersHeading, StringComparison.Ordinal);
        if (heading < 0)
            return;
        foreach (string line in text[heading..].Split('\n').Skip(1))
        {
            string[] parts = line.Split([':', '/'], StringSplitOptions.TrimEntries);
            if (parts.Length < 2 || !uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                return;
            if (parts.Length == 3
                && parts[1].StartsWith("0x", StringComparison.Ordinal)
                && ulong.TryParse(parts[1].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong start)
                && ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong length)
                && length > 0)
                buffers.Add(PagesOf(start, length));
        }
    }

    /// <summary>Several descriptors may be of one ring.</summary>
    private static int CountFiles(int id, List<int> descriptors)
    {
        int count = 0;
        for (int i = 0; i < descriptors.Count; i++)
        {
            int earlier = 0;
            while (earlier < i && Kcmp.SameFile(id, descriptors[earlier], descriptors[i]) != true)
                earlier++;
            if (earlier == i)
                count++;
        }

        return count;
    }

    private static AddressRange PagesOf(ulong start, ulong length)
    {
        ulong mask = PageSize.Bytes - 1;
        return new AddressRange(start & ~mask, (start + (length - 1)) | mask);
    }
}
