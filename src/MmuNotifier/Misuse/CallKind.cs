namespace MmuNotifier;

/// <summary>What the engine calls of the user.</summary>
internal enum CallKind
{
    Callback,
    SecondStep,
    WholeSpaceStart,
    WholeSpaceEnd,
    WholeSpaceAging,
    Released,

    /// <summary>A handler of <see cref="AddressSpace.CallbackFailed"/>; the call that failed counts as running until it returns.</summary>
    CallbackFailed,

    /// <summary>No call: the body of a find, which holds a notifier.</summary>
    Find,
}
