using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>What is done with a local anywhere in its member.</summary>
internal static class LocalUses
{
    internal static IEnumerable<ILocalReferenceOperation> Of(ILocalSymbol local, IOperation root) => root
        .DescendantsAndSelf()
        .OfType<ILocalReferenceOperation>()
        .Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local));

    /// <summary>The method that a reference is the instance of, or null.</summary>
    internal static IMethodSymbol? CalledOn(ILocalReferenceOperation reference) =>
        reference.Parent is IInvocationOperation invocation && invocation.Instance == reference ? invocation.TargetMethod : null;

    /// <summary>The property that is read of a reference, or null.</summary>
    internal static IPropertySymbol? ReadOf(ILocalReferenceOperation reference) =>
        reference.Parent is IPropertyReferenceOperation read && read.Instance == reference ? read.Property : null;

    internal static bool IsAssigned(ILocalReferenceOperation reference) =>
        reference.Parent is ISimpleAssignmentOperation assignment && assignment.Target == reference;

    /// <summary>The values that a local gets, at its declaration and later; null stands for one that is not seen.</summary>
    internal static IEnumerable<IOperation?> ValuesOf(ILocalSymbol local, IOperation root)
    {
        foreach (IOperation operation in root.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation { Initializer: { } initializer } declarator when Is(declarator.Symbol, local):
                    yield return initializer.Value;
                    break;
                case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment when Is(target.Local, local):
                    yield return assignment.Value;
                    break;
                case IIsPatternOperation pattern when Is(Landing.DeclaredIn(pattern.Pattern), local):
                    yield return pattern.Value;
                    break;
                case IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } argument when IsGiven(argument.Value, local):
                    yield return null;
                    break;
            }
        }
    }

    private static bool Is(ILocalSymbol? one, ILocalSymbol other) => SymbolEqualityComparer.Default.Equals(one, other);

    private static bool IsGiven(IOperation value, ILocalSymbol local)
    {
        IOperation variable = value is IDeclarationExpressionOperation declaration ? declaration.Expression : value;
        return variable is ILocalReferenceOperation reference && Is(reference.Local, local);
    }
}
