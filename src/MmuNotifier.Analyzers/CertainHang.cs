using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>Waits that cannot end, because what they wait for is the callback that they are in.</summary>
internal static class CertainHang
{
    internal static bool Is(IInvocationOperation wait, IMethodSymbol callback)
    {
        if (CanBeGivenUp(wait))
            return false;
        return (wait.TargetMethod.Name, callback.Name) switch
        {
            ("Remove", not "Released") => IsThis(wait.Instance),
            ("ReadBegin", "Invalidate") => IsThis(wait.Instance) && !NamesPart(wait),
            ("Synchronize", "Released") => IsOwnSpace(wait.Instance.Receiver()),
            _ => false,
        };
    }

    private static bool CanBeGivenUp(IInvocationOperation wait) =>
        wait.Arguments.Any(argument =>
            argument.ArgumentKind != ArgumentKind.DefaultValue && argument.Parameter?.Type.Name == "CancellationToken");

    private static bool NamesPart(IInvocationOperation wait) => wait.Arguments.Any(argument => argument.Parameter?.Name == "part");

    private static bool IsThis(IOperation? instance) =>
        instance.Receiver() is IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance };

    private static bool IsOwnSpace(IOperation? instance) =>
        instance is IPropertyReferenceOperation { Property.Name: "Space" } space && IsThis(space.Instance);
}
