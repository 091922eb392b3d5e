using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>Steps through the tree of operations that several rules need.</summary>
internal static class OperationExtensions
{
    /// <summary>The innermost lambda or local function around an operation, or null if that is the member itself.</summary>
    internal static IOperation? EnclosingFunction(this IOperation operation)
    {
        for (IOperation? outer = operation.Parent; outer is not null; outer = outer.Parent)
        {
            if (outer is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return outer;
        }

        return null;
    }

    internal static IOperation Root(this IOperation operation)
    {
        IOperation root = operation;
        while (root.Parent is { } parent)
            root = parent;
        return root;
    }

    internal static bool IsInside(this IOperation operation, IOperation outer)
    {
        for (IOperation? at = operation; at is not null; at = at.Parent)
        {
            if (at == outer)
                return true;
        }

        return false;
    }

    /// <summary>The value below conversions.</summary>
    internal static IOperation WithoutConversions(this IOperation operation)
    {
        IOperation value = operation;
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        return value;
    }

    /// <summary>What is computed above conversions and choices (<c>?:</c>, <c>??</c>) with the value unchanged.</summary>
    internal static IOperation AsPassedOn(this IOperation operation)
    {
        IOperation value = operation;
        while (PassesOn(value))
            value = value.Parent!;
        return value;
    }

    /// <summary>What an instance stands for; behind <c>?.</c>, the value that is not null.</summary>
    internal static IOperation? Receiver(this IOperation? instance)
    {
        IOperation? receiver = instance?.WithoutConversions();
        if (receiver is not IConditionalAccessInstanceOperation)
            return receiver;
        for (IOperation? outer = receiver.Parent; outer is not null; outer = outer.Parent)
        {
            if (outer is IConditionalAccessOperation access && !receiver.IsInside(access.Operation))
                return access.Operation.WithoutConversions();
        }

        return null;
    }

    private static bool PassesOn(IOperation value) => value.Parent switch
    {
        IConversionOperation => true,
        IConditionalOperation choice => choice.WhenTrue == value || choice.WhenFalse == value,
        ICoalesceOperation => true,
        IConditionalAccessOperation access => access.WhenNotNull == value,
        ISwitchExpressionArmOperation arm => arm.Value == value,
        ISwitchExpressionOperation choice => choice.Value != value,
        _ => false,
    };
}
