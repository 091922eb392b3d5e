using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>A look at MustRetry of a section that was begun in the same member, so that its notifier's type is seen.</summary>
internal sealed class RetryCheck
{
    private readonly HeldLocks[] _heldAtChecks;

    private RetryCheck(Location location, IMethodSymbol callback, HeldLocks[] heldAtChecks)
    {
        Location = location;
        Callback = callback;
        _heldAtChecks = heldAtChecks;
    }

    internal Location Location { get; }

    /// <summary>The callback of the section's notifier.</summary>
    internal IMethodSymbol Callback { get; }

    /// <summary>Null if the notifier's callback is not seen, or not what is done with the answer.</summary>
    internal static RetryCheck? Of(IPropertyReferenceOperation retry, EngineSymbols engine)
    {
        if (retry.Instance is not ILocalReferenceOperation section || IsHandedOn(retry) || CallbackOf(section, engine) is not { } callback)
            return null;
        IEnumerable<IOperation> checks = LocalUses.Of(section.Local, retry.Root())
            .Where(use => LocalUses.ReadOf(use) is { } property && engine.IsMustRetry(property));
        return new RetryCheck(retry.Syntax.GetLocation(), callback, [.. checks.Select(HeldLocks.At)]);
    }

    /// <remarks>One check under the lock is enough: another before it only saves work.</remarks>
    internal bool IsSurelyOutsideOf(IReadOnlyCollection<ISymbol> locks) =>
        _heldAtChecks.All(held => !held.MayHoldOther && !held.HoldsAnyOf(locks));

    /// <summary>An answer that is given to a method, often an assertion, does not decide on a commit here.</summary>
    private static bool IsHandedOn(IPropertyReferenceOperation retry)
    {
        IOperation? user = retry.Parent;
        while (user is IUnaryOperation or IBinaryOperation or IConversionOperation)
            user = user.Parent;
        return user is IArgumentOperation;
    }

    private static IMethodSymbol? CallbackOf(ILocalReferenceOperation section, EngineSymbols engine)
    {
        IMethodSymbol? callback = null;
        foreach (IOperation? value in LocalUses.ValuesOf(section.Local, section.Root()))
        {
            if (value?.WithoutConversions() is IDefaultValueOperation)
                continue;
            IMethodSymbol? other = NotifierTypeOf(value, engine) is { } type ? engine.FindIntervalCallback(type) : null;
            if (other is null || (callback is not null && !SymbolEqualityComparer.Default.Equals(callback, other)))
                return null;
            callback = other;
        }

        return callback;
    }

    private static ITypeSymbol? NotifierTypeOf(IOperation? section, EngineSymbols engine) =>
        SectionValue.BeginOf(section, engine)?.Instance.Receiver()?.Type;
}
