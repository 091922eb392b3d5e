using MmuNotifier.Hmm;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;

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
        using (_mappingLock.Hold())
        {
            if (advice == Advice.Remove)
                return AdviseRemove(address, length);
            bool changesPages = advice is Advice.DontNeed or Advice.Free or Advice.Collapse or Advice.PopulateWrite;
            using (changesPages ? Announce(address, length, InvalidationEvent.Clear) : default)
            {
                Errno error = Syscall.Advise(address, length, (int)advice);
                Follow(WholePages(address, length));
                return error;
            }
        }
    }

    // Every mapping of the file may lose the pages, not only the one that is named. Shared anonymous memory is a file here too: mremap
    // makes second mappings of it.
    private Errno AdviseRemove(ulong address, ulong length)
    {
        List<InvalidationScope> scopes = [Announce(address, length, InvalidationEvent.Clear)];
        try
        {
            foreach ((QueriedMapping mapping, AddressRange range) in ListMappings())
            {
                if (mapping.Inode != 0)
                    scopes.Add(Space.StartInvalidation(range, InvalidationEvent.Clear));
            }

            Errno error = Syscall.Advise(address, length, (int)Advice.Remove);
            Follow(WholePages(address, length));
            return error;
        }
        finally
        {
            scopes.ForEach(scope => scope.Dispose());
        }
    }
}
