namespace MmuNotifier.Linux;

/// <summary>A name out of /proc/pid/maps and what it says about the mapping.</summary>
internal readonly record struct MappingName(string Text, MappingKind KindIfPrivate, MappingKind KindIfShared)
{
    internal static MappingName Empty => new(string.Empty, MappingKind.Anonymous, MappingKind.SharedAnonymous);

    internal static MappingName Of(string text)
    {
        MappingKind kind = Classify(text);
        // [anon:...] is private memory that was given a name; [anon_shmem:...] is its shared counterpart.
        return new MappingName(text, kind, kind == MappingKind.Anonymous ? MappingKind.SharedAnonymous : kind);
    }

    private static MappingKind Classify(string text) => text switch
    {
        "" => MappingKind.Anonymous,
        "[heap]" => MappingKind.Heap,
        "[vdso]" => MappingKind.Vdso,
        "[vsyscall]" => MappingKind.Vsyscall,
        "/dev/zero (deleted)" => MappingKind.SharedAnonymous,
        "/secretmem (deleted)" => MappingKind.Secret,
        "/anon_hugepage (deleted)" => MappingKind.AnonymousHugePages,
        _ => ClassifyByPrefix(text),
    };

    private static MappingKind ClassifyByPrefix(string text)
    {
        if (StartsWith(text, "[vvar"))
            return MappingKind.Vvar;
        if (StartsWith(text, "[stack"))
            return MappingKind.Stack;
        if (StartsWith(text, "[anon"))
            return MappingKind.Anonymous;
        if (StartsWith(text, "["))
            return MappingKind.KernelSpecial;
        if (StartsWith(text, "/memfd:"))
            return MappingKind.Memfd;
        // /SYSV and the key in eight digits; a file of that name would have to be removed, too.
        if (text.Length == "/SYSV00000000 (deleted)".Length && StartsWith(text, "/SYSV")
            && text.EndsWith(" (deleted)", StringComparison.Ordinal))
            return MappingKind.SystemVSharedMemory;
        if (StartsWith(text, "anon_inode:") || (StartsWith(text, "/dev/") && !StartsWith(text, "/dev/shm/")))
            return MappingKind.Device;
        return MappingKind.File;
    }

    private static bool StartsWith(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal);
}
