using MmuNotifier.Linux;

namespace MmuNotifier.Tests.Shared;

/// <summary>Userfaultfds of this process that block nobody: no events, asynchronous protection only.</summary>
internal static class OwnUserfaultfd
{
    internal const UserfaultfdFeatures Features = UserfaultfdFeatures.WriteProtectAsynchronous
        | UserfaultfdFeatures.WriteProtectUnpopulated | UserfaultfdFeatures.WriteProtectHugeAndShared;

    internal static UserfaultfdDescriptor Asynchronous()
    {
        UserfaultfdDescriptor? own = UserfaultfdDescriptor.Create(userModeOnly: true, out Errno error);
        Assert.SkipUnless(own is not null, $"no userfaultfd ({error})");
        Assert.SkipUnless(own!.Handshake(Features).Granted == Features, "no asynchronous protection in this kernel");
        return own;
    }
}
