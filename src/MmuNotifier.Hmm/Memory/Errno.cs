namespace MmuNotifier.Hmm;

/// <summary>
/// The error numbers of Linux that calls on memory answer with. Any other number of the kernel is passed through as it is.
/// </summary>
public enum Errno
{
    /// <summary>It worked.</summary>
    None = 0,

    /// <summary>EPERM: a write to a mapping that does not permit it.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: a page is not where it was asked for.</summary>
    NoEntry = 2,

    /// <summary>ESRCH: the process has gone.</summary>
    NoProcess = 3,

    /// <summary>EINTR.</summary>
    Interrupted = 4,

    /// <summary>EIO.</summary>
    InputOutput = 5,

    /// <summary>EBADF.</summary>
    BadDescriptor = 9,

    /// <summary>EAGAIN: something changed meanwhile; begin again.</summary>
    Again = 11,

    /// <summary>ENOMEM: no memory, no address space, or a hole in the range.</summary>
    NoMemory = 12,

    /// <summary>EACCES.</summary>
    AccessDenied = 13,

    /// <summary>EFAULT: no mapping, or one that does not permit the access.</summary>
    BadAddress = 14,

    /// <summary>EBUSY: an invalidation is under way, or a page is in use.</summary>
    Busy = 16,

    /// <summary>EEXIST: something is mapped there already.</summary>
    Exists = 17,

    /// <summary>EINVAL.</summary>
    InvalidArgument = 22,

    /// <summary>ENOTTY: a request that the device does not know.</summary>
    NotTypewriter = 25,

    /// <summary>ENOSPC.</summary>
    NoSpace = 28,

    /// <summary>ENOSYS.</summary>
    NotImplemented = 38,

    /// <summary>EOPNOTSUPP.</summary>
    NotSupported = 95,

    /// <summary>ETIMEDOUT: the time limit of a range fault is over.</summary>
    TimedOut = 110,
}
