namespace MmuNotifier.Linux;

/// <summary>Whether a page is on its way, and which way. Devices do not get a page that is: its entry says that it migrates.</summary>
internal enum PageTransit
{
    /// <summary>It stays where it is.</summary>
    None,

    /// <summary>
    /// Its content is in the frame and its process has been asked to drop it: whether the process still has it is not known.
    /// </summary>
    Leaving,

    /// <summary>A migration back to the process has collected it.</summary>
    Returning,
}
