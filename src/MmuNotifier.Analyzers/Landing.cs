using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>Where a value goes: nowhere, into a local, or somewhere that is not followed.</summary>
internal readonly struct Landing
{
    private Landing(bool isDiscarded, ILocalSymbol? local)
    {
        IsDiscarded = isDiscarded;
        Local = local;
    }

    internal bool IsDiscarded { get; }

    internal ILocalSymbol? Local { get; }

    internal static Landing Of(IOperation value)
    {
        IOperation passedOn = value.AsPassedOn();
        return passedOn.Parent switch
        {
            IExpressionStatementOperation => new Landing(true, null),
            ISimpleAssignmentOperation assignment when assignment.Value == passedOn => OfAssignment(assignment),
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => new Landing(false, declarator.Symbol),
            IIsPatternOperation { Pattern: { } pattern } => new Landing(false, DeclaredIn(pattern)),
            _ => default,
        };
    }

    internal static ILocalSymbol? DeclaredIn(IPatternOperation pattern) => pattern switch
    {
        IDeclarationPatternOperation declaration => declaration.DeclaredSymbol as ILocalSymbol,
        IRecursivePatternOperation recursive => recursive.DeclaredSymbol as ILocalSymbol,
        _ => null,
    };

    private static Landing OfAssignment(ISimpleAssignmentOperation assignment) => assignment.Target switch
    {
        IDiscardOperation => new Landing(true, null),
        ILocalReferenceOperation target when IsOnlyRead(assignment) => new Landing(false, target.Local),
        _ => default,
    };

    /// <remarks>An assignment may be part of an expression: <c>(section = ReadBegin()).Status</c>.</remarks>
    private static bool IsOnlyRead(ISimpleAssignmentOperation assignment) =>
        assignment.Parent is IExpressionStatementOperation or IMemberReferenceOperation or IInvocationOperation or IIsPatternOperation;
}
