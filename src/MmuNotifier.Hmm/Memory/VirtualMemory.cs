namespace MmuNotifier.Hmm;

/// <summary>
/// A whole address space: what programs do to it (system calls and accesses by the CPU), on top of what devices see. One model with two
/// implementations, simulated and real, which behave as Linux does.
/// </summary>
/// <remarks>
/// Each change raises its invalidation around itself: Map over something, Unmap and Remap raise Unmap; Protect raises ProtectionVma;
/// DontNeed, Free and Remove raise Clear; Fork raises ProtectionPage where it makes pages copy-on-write; breaking copy-on-write and taking
/// pages back raise Clear. Callable from any thread, under no lock that a notifier's callback takes.
/// </remarks>
public abstract class VirtualMemory : MirroredMemory
{
    /// <summary>Why this memory cannot do something; null if it can.</summary>
    /// <param name="feature">The feature that is asked for.</param>
    public abstract string? WhyUnsupported(MemoryFeature feature);

    /// <summary>Makes a file of zeros that can be mapped, here and by children.</summary>
    /// <param name="length">Length in bytes.</param>
    public abstract MemoryFile CreateFile(ulong length);

    /// <summary>Maps memory (mmap).</summary>
    /// <param name="address">Where, or 0 for anywhere; a hint unless the flags say that it is fixed.</param>
    /// <param name="length">Bytes; rounded up to whole pages. 0 is refused.</param>
    /// <param name="protection">What the mapping permits.</param>
    /// <param name="flags">Private or shared, and whether the address is fixed; see <see cref="MapFlags"/>.</param>
    /// <param name="mapped">The address; 0 on an error.</param>
    /// <param name="file">The file; null for anonymous memory.</param>
    /// <param name="offset">First byte in the file; whole pages.</param>
    /// <returns>The error of mmap, or none.</returns>
    public abstract Errno Map(
        ulong address, ulong length, Protection protection, MapFlags flags, out ulong mapped, MemoryFile? file = null, ulong offset = 0);

    /// <summary>Unmaps (munmap); holes in the range do not matter.</summary>
    /// <param name="address">First byte; of a page.</param>
    /// <param name="length">Bytes; rounded up to whole pages. 0 is refused.</param>
    /// <returns>The error of munmap, or none.</returns>
    public abstract Errno Unmap(ulong address, ulong length);

    /// <summary>Moves, grows or shrinks a mapping (mremap).</summary>
    /// <param name="address">First byte; of a page.</param>
    /// <param name="length">The present length in bytes.</param>
    /// <param name="newLength">The new length in bytes.</param>
    /// <param name="flags">Whether it may move, and whether the new address is fixed.</param>
    /// <param name="mapped">The address afterwards; 0 on an error.</param>
    /// <param name="newAddress">The new address, if the flags fix it.</param>
    /// <returns>The error of mremap, or none.</returns>
    public abstract Errno Remap(
        ulong address, ulong length, ulong newLength, RemapFlags flags, out ulong mapped, ulong newAddress = 0);

    /// <summary>Changes what a range permits (mprotect).</summary>
    /// <param name="address">First byte; of a page.</param>
    /// <param name="length">Bytes; rounded up to whole pages.</param>
    /// <param name="protection">What it permits from now on.</param>
    /// <returns>The error of mprotect, or none.</returns>
    public abstract Errno Protect(ulong address, ulong length, Protection protection);

    /// <summary>Gives advice about a range (madvise).</summary>
    /// <param name="address">First byte; of a page.</param>
    /// <param name="length">Bytes; rounded up to whole pages.</param>
    /// <param name="advice">What to do with the pages.</param>
    /// <returns>The error of madvise, or none.</returns>
    public abstract Errno Advise(ulong address, ulong length, Advice advice);

    /// <summary>
    /// Lets the program answer touches of missing pages (userfaultfd, registered with missing pages): a touch by the CPU or a device waits
    /// for the answer, and finds its content. A page that is dropped is missing again. Missing pages do not migrate; children and moved
    /// mappings have no answers.
    /// </summary>
    /// <param name="address">First byte; of a page.</param>
    /// <param name="length">Bytes; rounded up to whole pages. They lie in one mapping of private anonymous memory.</param>
    /// <param name="answer">Called on any thread, under locks of this memory: it may not call it, nor throw, nor touch a page whose touch
    /// is answered.</param>
    /// <returns>None; InvalidArgument for another range; Busy where touches are answered already; NotSupported: see
    /// <see cref="MemoryFeature.Userfaultfd"/>.</returns>
    public abstract Errno AnswerMissing(ulong address, ulong length, MissingPageAnswer answer);

    /// <summary>Reads as the CPU does: page by page, each page at one moment.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="destination">Gets the bytes.</param>
    /// <returns>None; BadAddress where a program would get a signal: the pages before it were read.</returns>
    public abstract Errno Load(ulong address, Span<byte> destination);

    /// <summary>Writes as the CPU does: page by page, each page at one moment.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>None; BadAddress where a program would get a signal: the pages before it were written.</returns>
    public abstract Errno Store(ulong address, ReadOnlySpan<byte> source);

    /// <summary>Makes a child with a copy of this address space (fork); private memory is copied on write. Dispose it: it exits.</summary>
    /// <exception cref="NotSupportedException"><see cref="MemoryFeature.Fork"/> is lacking.</exception>
    public abstract VirtualMemory Fork();

    /// <summary>The mappings made through this object, in ascending order; joined where Linux joins them.</summary>
    public abstract IReadOnlyList<Mapping> GetMappings();
}
