using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Own;

/// <content>madvise.</content>
public sealed unsafe partial class OwnMemory
{
    /// <inheritdoc/>
    /// <remarks>Filling for writing is announced too, for it replaces pages that are copied on write.</remarks>
    public override Errno Advise(ulong address, ulong length, Advice advice)
    {
        if (!Enum.IsDefined(advice))
            return Errno.InvalidArgument;
        if (advice == Advice.Remove)
            return AdviseRemove(address, length);
        using (_mappingLock.Hold())
        {
            bool changesPages = advice is Advice.DontNeed or Advice.Free or Advice.Collapse or Advice.PopulateWrite;
            using (changesPages ? Announce(address, length, InvalidationEvent.Clear) : default)
            {
                if (advice == Advice.PopulateWrite && _handler is not null && WholePages(address, length) is { } range)
                    FreeCopied(range);
                Errno error = _calls.Advise(address, length, (int)advice);
                Follow(WholePages(address, length));
                return error;
            }
        }
    }

    // Every mapping of the file may lose the pages, not only the one that is named, and in every member of the family. Shared anonymous
    // memory is a file here too: mremap makes second mappings of it, and so does fork.
    private Errno AdviseRemove(ulong address, ulong length) => _family.Change(
        (memory, scopes) =>
        {
            if (memory == this)
                scopes.Add(Announce(address, length, InvalidationEvent.Clear));
            memory.AnnounceFiles(scopes);
        },
        () =>
        {
            Errno error = _calls.Advise(address, length, (int)Advice.Remove);
            Follow(WholePages(address, length));
            return error;
        });
}
