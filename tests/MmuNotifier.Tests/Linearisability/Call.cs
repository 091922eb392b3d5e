namespace MmuNotifier.Tests.Linearisability;

/// <summary>A callback of a start, or a notifier found: which notifier, over which bytes.</summary>
internal readonly record struct Call(int Notifier, AddressRange Range, bool IsInherited = false)
{
    public override string ToString() => $"{Notifier}{Range}{(IsInherited ? "*" : "")}";
}
