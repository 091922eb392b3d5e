using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>Follows a found notifier through the locals of its loop to the places that outlive its hold.</summary>
internal sealed class FoundValue
{
    private readonly IPropertyReferenceOperation _reference;
    private readonly EngineSymbols _engine;
    private readonly IOperation _root;
    private readonly IForEachLoopOperation? _loop;
    private readonly HashSet<ISymbol> _followed = new(SymbolEqualityComparer.Default);

    internal FoundValue(IPropertyReferenceOperation reference, EngineSymbols engine)
    {
        _reference = reference;
        _engine = engine;
        _root = reference.Root();
        _loop = LoopOf(reference);
    }

    /// <summary>Whether the find whose hold it is belongs to this method, so that returning the notifier ends the hold.</summary>
    private bool IsHeldHere => _loop is not null || _reference.Instance is IPropertyReferenceOperation { Property.Name: "Current" };

    internal IEnumerable<Kept> FindKept() => Follow(_reference);

    private static IForEachLoopOperation? LoopOf(IPropertyReferenceOperation reference)
    {
        if (reference.Instance is not ILocalReferenceOperation found)
            return null;
        for (IOperation? outer = reference.Parent; outer is not null; outer = outer.Parent)
        {
            if (outer is IForEachLoopOperation loop && loop.Locals.Contains(found.Local, SymbolEqualityComparer.Default))
                return loop;
        }

        return null;
    }

    private static bool IsAdding(IMethodSymbol method)
    {
        if (method.ContainingNamespace?.ToDisplayString() == "System.Threading")
            return method.Name is "Write" or "Exchange" or "CompareExchange";
        return method.Name is "Add" or "AddFirst" or "AddLast" or "AddOrUpdate" or "Append" or "Enqueue" or "Insert" or "Push" or "TryAdd"
            && method.ContainingType is { SpecialType: not SpecialType.System_String } type
            && type.AllInterfaces.Any(face => face.SpecialType == SpecialType.System_Collections_IEnumerable);
    }

    private IEnumerable<Kept> Follow(IOperation value)
    {
        IOperation passedOn = value.AsPassedOn();
        switch (passedOn.Parent)
        {
            case IAssignmentOperation assignment when assignment.Value == passedOn:
                return FollowInto(assignment.Target, value);
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }:
                return FollowLocal(declarator.Symbol);
            case IIsPatternOperation pattern when Landing.DeclaredIn(pattern.Pattern) is { } local:
                return FollowLocal(local);
            case IArgumentOperation { Parent: IInvocationOperation call } when IsAdding(call.TargetMethod):
                return [new Kept(value, "added to a collection")];
            case IReturnOperation when IsHeldHere && value.EnclosingFunction() == _reference.EnclosingFunction():
                return [new Kept(value, "returned")];
            default:
                return [];
        }
    }

    private IEnumerable<Kept> FollowInto(IOperation target, IOperation value)
    {
        switch (target)
        {
            // The object that is being initialised may itself be short-lived.
            case IMemberReferenceOperation
            {
                Instance: IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ImplicitReceiver },
            }:
                return [];
            case IFieldReferenceOperation:
                return [new Kept(value, "stored in a field")];
            case IPropertyReferenceOperation:
                return [new Kept(value, "stored in a property")];
            case IArrayElementReferenceOperation:
                return [new Kept(value, "stored in an array")];
            case IParameterReferenceOperation:
                return [new Kept(value, "stored in a parameter")];
            case ILocalReferenceOperation local when IsOutsideOfLoop(local.Local):
                return [new Kept(value, "stored in a variable outside of the loop")];
            case ILocalReferenceOperation local:
                return FollowLocal(local.Local);
            default:
                return [];
        }
    }

    private bool IsOutsideOfLoop(ILocalSymbol local) => _loop is not null
        && local.DeclaringSyntaxReferences.All(declaration => !_loop.Syntax.Span.Contains(declaration.Span));

    private IEnumerable<Kept> FollowLocal(ILocalSymbol local)
    {
        if (!_followed.Add(local))
            yield break;
        foreach (ILocalReferenceOperation use in LocalUses.Of(local, _root))
        {
            if (IsCaptured(use))
            {
                yield return new Kept(use, "captured by a lambda");
                continue;
            }

            foreach (Kept kept in Follow(use))
                yield return kept;
        }
    }

    private bool IsCaptured(ILocalReferenceOperation use)
    {
        for (IOperation? outer = use.Parent; outer is not null; outer = outer.Parent)
        {
            if (outer is IAnonymousFunctionOperation lambda && !_reference.IsInside(lambda) && !IsCalledAtOnce(lambda))
                return true;
        }

        return false;
    }

    private bool IsCalledAtOnce(IAnonymousFunctionOperation lambda)
    {
        IOperation value = lambda;
        while (value.Parent is IDelegateCreationOperation or IConversionOperation)
            value = value.Parent;
        return value.Parent is IArgumentOperation { Parent: IInvocationOperation call } && _engine.CallsItsArgument(call.TargetMethod);
    }

    /// <summary>Where a found notifier is kept, and how.</summary>
    internal readonly struct Kept(IOperation value, string how)
    {
        internal IOperation Value { get; } = value;

        internal string How { get; } = how;
    }
}
