using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>
/// The symbol that stands for a lock: the field or property that it is kept in, whatever object that is read from. Null where the symbol
/// does not say which lock it is.
/// </summary>
internal static class LockName
{
    internal static ISymbol? Of(IOperation? value) => value.Receiver() switch
    {
        IFieldReferenceOperation field => field.Field.OriginalDefinition,
        IPropertyReferenceOperation property => OfProperty(property.Property.OriginalDefinition),
        IInstanceReferenceOperation instance => instance.Type?.OriginalDefinition,
        IParameterReferenceOperation parameter when IsPrimary(parameter.Parameter) => parameter.Parameter,
        ILocalReferenceOperation local => OfLocal(local),
        _ => null,
    };

    private static ISymbol? OfLocal(ILocalReferenceOperation reference)
    {
        IOperation?[] values = [.. LocalUses.ValuesOf(reference.Local, reference.Root())];
        return values.Length == 1 && values[0]?.WithoutConversions() is not ILocalReferenceOperation ? Of(values[0]) : null;
    }

    /// <summary>A parameter of a primary constructor is as good as a field.</summary>
    private static bool IsPrimary(IParameterSymbol parameter) =>
        parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
        && constructor.DeclaringSyntaxReferences.Any(declaration => declaration.GetSyntax() is TypeDeclarationSyntax);

    /// <remarks>Type and property may name the same lock, so a property that only returns a field stands for that field.</remarks>
    private static ISymbol? OfProperty(IPropertySymbol property)
    {
        if (property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not PropertyDeclarationSyntax declaration)
            return property;
        if (declaration.AccessorList?.Accessors.All(accessor => accessor.Body is null && accessor.ExpressionBody is null) == true)
            return property;
        return ReturnedBy(declaration) is IdentifierNameSyntax name
            ? property.ContainingType.GetMembers(name.Identifier.ValueText).OfType<IFieldSymbol>().FirstOrDefault()
            : null;
    }

    private static ExpressionSyntax? ReturnedBy(PropertyDeclarationSyntax declaration)
    {
        if (declaration.ExpressionBody is { } body)
            return body.Expression;
        AccessorDeclarationSyntax? getter =
            declaration.AccessorList?.Accessors.FirstOrDefault(accessor => accessor.Keyword.ValueText == "get");
        return getter?.ExpressionBody?.Expression ?? (getter?.Body?.Statements.FirstOrDefault() as ReturnStatementSyntax)?.Expression;
    }
}
