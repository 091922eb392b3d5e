using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>Missing pages that a program brings (userfaultfd).</content>
public sealed unsafe partial class LinuxMemory
{
    /// <inheritdoc/>
    /// <remarks>Touches through this object and by devices only: a touch by pointer from managed code may hang with the next garbage
    /// collection. Changes of the range by other means are not heard of any more.</remarks>
    public override Errno AnswerMissing(ulong address, ulong length, MissingPageAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (_handler is null)
            return Errno.NotSupported;
        if (WholePages(address, length) is not { } range)
            return Errno.InvalidArgument;
        using (_mappingLock.Hold())
        {
            if (!TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Contains(range) || mapping.IsShared
                || mapping.Backing != MappingBacking.Anonymous || mapping.PageOrder != 0)
            {
                return Errno.InvalidArgument;
            }

            ReturnRange(range);

            // A mapping has one userfaultfd. What the handler does not hear of any more, devices may not have by name.
            using (Space.StartInvalidation(range, InvalidationEvent.Migrate))
                _devicePages.FreeResident(range);
            _handler.Unregister(range);
            if (MissingPages.Begin(range, answer, out Errno error) is { } missing)
                _missing.Add(missing);
            else
                _handler.Register(range);
            return error;
        }
    }
}
