namespace MmuNotifier.Hmm;

/// <summary>Who reaches the pages of a device.</summary>
public enum DeviceMemoryKind
{
    /// <summary>The device alone: a CPU touch brings a page back (<c>MEMORY_DEVICE_PRIVATE</c>).</summary>
    Private,

    /// <summary>Both (<c>MEMORY_DEVICE_COHERENT</c>).</summary>
    Coherent,
}
