using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>Misuse that is told: see <see cref="MisuseValidation"/>.</content>
public sealed partial class AddressSpace
{
    /// <summary>Null where validation is off.</summary>
    internal SpaceDependencies? Dependencies { get; } = MisuseValidation.IsEnabled ? new SpaceDependencies() : null;

    /// <summary>Before a call that waits or starts does anything. Compiled away where validation is off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void RequireMayCall(WaitingCall call)
    {
        if (MisuseValidation.IsEnabled)
            HeldStack.Current.RequireMayCall(this, call);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static InvalidateResult CallInvalidate(IntervalNotifier notifier, in Invalidation call)
    {
        NamedStep.Note($"callback: {call.Event} of {call.Overlap}");
        return MisuseValidation.IsEnabled ? CallInvalidateInFrame(notifier, in call) : notifier.Invalidate(in call);
    }

    private static InvalidateResult CallInvalidateInFrame(IntervalNotifier notifier, in Invalidation call)
    {
        using (CallFrame.Enter(notifier, CallKind.Callback, call.IsBlockable))
            return notifier.Invalidate(in call);
    }
}
