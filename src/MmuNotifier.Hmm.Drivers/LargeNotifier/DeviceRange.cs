namespace MmuNotifier.Hmm.Drivers;

/// <summary>A few pages that were mapped for the device together (<c>struct drm_gpusvm_range</c>). Guarded by the driver lock.</summary>
internal sealed class DeviceRange(AddressRange range)
{
    public AddressRange Range => range;

    /// <summary>Whether an Unmap has met it: it is in no tree any more and gets no pages.</summary>
    public bool IsUnmapped { get; set; }
}
