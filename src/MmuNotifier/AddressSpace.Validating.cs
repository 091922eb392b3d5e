using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>Misuse that throws: see <see cref="MisuseValidation"/>.</content>
public sealed partial class AddressSpace
{
    /// <summary>Before a call that waits or starts does anything. Compiled away where validation is off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void RequireMayCall(WaitingCall call)
    {
        if (MisuseValidation.IsEnabled)
            HeldStack.Current.RequireMayCall(this, call);
    }

    /// <summary>
    /// Before a section waits, for nothing but the end: an invalidation that this thread started, and that it waits for, would have to be
    /// ended by another thread. Compiled away where validation is off.
    /// </summary>
    private void RequireNoOwnScope(IntervalNotifier notifier, in ReadRequest request, CancellationToken cancellationToken)
    {
        if (MisuseValidation.IsEnabled
            && !cancellationToken.CanBeCanceled
            && Active.FindOwn(request.Part ?? RangeOf(notifier), request.OriginSection) is { } range)
            HeldStack.ThrowOwnScope(range);
    }
}
