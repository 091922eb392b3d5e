using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Decides how a mapping is covered and, if that is not by events and scans, says why.</summary>
internal static class MappingClassifier
{
    private const string LeftToProgram = "left unregistered, because the program uses userfaultfd itself and would get EBUSY";
    private const string TakenByAnother = "the program, or another mirror, watches it with a userfaultfd (EBUSY)";

    internal static WatchedMapping Classify(
        in ProcessMapping mapping, UserfaultfdStatus registration, MemorySharing sharing, bool isLeftToProgram = false)
    {
        bool isMappedTwice = mapping.Shared && sharing.IsMappedTwice(FileIdentity.Of(in mapping));
        if (WhyExcluded(in mapping, sharing) is { } excluded)
            return new WatchedMapping(mapping, Coverage.Excluded, excluded, isMappedTwice, registration);
        if (isLeftToProgram)
            return new WatchedMapping(mapping, Coverage.ReadWhenFrozen, LeftToProgram, isMappedTwice, registration);
        if (registration == UserfaultfdStatus.TakenByAnother)
            return new WatchedMapping(mapping, Coverage.ReadWhenFrozen, TakenByAnother, isMappedTwice, registration);
        if (WhyPolled(in mapping, registration, isMappedTwice) is { } polled)
            return new WatchedMapping(mapping, Coverage.Polled, polled, isMappedTwice, registration);
        return new WatchedMapping(mapping, Coverage.Armed, string.Empty, isMappedTwice, registration);
    }

    private static string? WhyExcluded(in ProcessMapping mapping, MemorySharing sharing)
    {
        if ((mapping.Protection & MappingProtection.Read) == 0)
            return "the program itself may not read it (mprotect)";
        if (mapping.Name.Contains("[io_uring]", StringComparison.Ordinal) || mapping.Name.Contains("[aio]", StringComparison.Ordinal))
            return "a ring that the kernel writes at any time";
        switch (mapping.Kind)
        {
            case MappingKind.Vvar:
                return "the kernel writes its clock data here at any time";
            case MappingKind.Device:
                return "memory of a device";
            case MappingKind.Secret:
                return "secret memory (memfd_secret), which only the program can read";
            default:
                break;
        }

        return mapping.Shared && sharing.Outsider(FileIdentity.Of(in mapping)) is { } outsider
            ? $"memory shared with process {outsider}, which is not frozen with this one"
            : null;
    }

    private static string? WhyPolled(in ProcessMapping mapping, UserfaultfdStatus registration, bool isMappedTwice)
    {
        if (mapping.IsKernelOwned)
            return "code of the kernel (vdso), which userfaultfd refuses";
        if (isMappedTwice)
            return "shared memory that is mapped more than once: a write through one mapping is not reported for the others";
        return registration switch
        {
            UserfaultfdStatus.Done => null,
            UserfaultfdStatus.ReadOnlyShared => "a shared mapping of a file opened for reading only, which userfaultfd refuses (EPERM)",
            UserfaultfdStatus.NoMemory => "the process has reached its limit of mappings (ENOMEM)",
            _ => "userfaultfd refuses this kind of mapping (EINVAL)",
        };
    }
}
