using Microsoft.CodeAnalysis;

namespace MmuNotifier.Analyzers;

/// <summary>The engine's types and members, as one compilation sees them.</summary>
internal sealed class EngineSymbols
{
    private const string Async = nameof(Async);

    private EngineSymbols(Compilation compilation)
    {
        AddressSpace = compilation.GetTypeByMetadataName("MmuNotifier.AddressSpace");
        Notifier = compilation.GetTypeByMetadataName("MmuNotifier.Notifier");
        IntervalNotifier = compilation.GetTypeByMetadataName("MmuNotifier.IntervalNotifier");
        WholeSpaceNotifier = compilation.GetTypeByMetadataName("MmuNotifier.WholeSpaceNotifier");
        SecondStep = compilation.GetTypeByMetadataName("MmuNotifier.ISecondStep");
        ReadSection = compilation.GetTypeByMetadataName("MmuNotifier.ReadSection");
        InvalidationScope = compilation.GetTypeByMetadataName("MmuNotifier.InvalidationScope");
        FoundNotifier = compilation.GetTypeByMetadataName("MmuNotifier.FoundNotifier");
        FindEnumerator = compilation.GetTypeByMetadataName("MmuNotifier.FindEnumerator");
        AddressRange = compilation.GetTypeByMetadataName("MmuNotifier.AddressRange");
        HeldNotifier = compilation.GetTypeByMetadataName("MmuNotifier.HeldNotifier");
        RegistrationLease = compilation.GetTypeByMetadataName("MmuNotifier.Registration.RegistrationLease`1");
    }

    internal INamedTypeSymbol? AddressSpace { get; }

    internal INamedTypeSymbol? Notifier { get; }

    internal INamedTypeSymbol? IntervalNotifier { get; }

    internal INamedTypeSymbol? WholeSpaceNotifier { get; }

    internal INamedTypeSymbol? SecondStep { get; }

    internal INamedTypeSymbol? ReadSection { get; }

    internal INamedTypeSymbol? InvalidationScope { get; }

    internal INamedTypeSymbol? FoundNotifier { get; }

    internal INamedTypeSymbol? FindEnumerator { get; }

    internal INamedTypeSymbol? AddressRange { get; }

    internal INamedTypeSymbol? HeldNotifier { get; }

    internal INamedTypeSymbol? RegistrationLease { get; }

    /// <summary>Null if the compilation does not know the engine, so that there is nothing to analyse.</summary>
    internal static EngineSymbols? Of(Compilation compilation)
    {
        var symbols = new EngineSymbols(compilation);
        return symbols.IntervalNotifier is null ? null : symbols;
    }

    /// <summary>Whether a method waits for callbacks, ends of invalidations or releases; also in its awaitable form.</summary>
    internal bool Waits(IMethodSymbol method) => WithoutAsync(method.Name) switch
    {
        "Remove" => IsMemberOf(method, Notifier),
        "ReadBegin" => IsMemberOf(method, IntervalNotifier),
        "Synchronize" => IsMemberOf(method, AddressSpace),
        _ => false,
    };

    /// <summary>Whether a method begins a read section, waiting, awaitable or trying.</summary>
    internal bool BeginsReadSection(IMethodSymbol method) =>
        method.Name is "ReadBegin" or "ReadBeginAsync" or "ReadBeginNoWait" && IsMemberOf(method, IntervalNotifier);

    internal bool IsMustRetry(IPropertySymbol property) => property.Name == "MustRetry" && IsMemberOf(property, ReadSection);

    internal bool StartsInvalidation(IMethodSymbol method) =>
        method.Name is "StartInvalidation" or "ReportInvalidation" or "TryStartInvalidation" && IsMemberOf(method, AddressSpace);

    /// <summary>Whether a method runs callbacks before it returns.</summary>
    internal bool RunsCallbacks(IMethodSymbol method) =>
        StartsInvalidation(method) || (method.Name is "Invalidate" or "Exit" && IsMemberOf(method, AddressSpace));

    /// <summary>Whether a parameter names the owner of a notifier or of an invalidation.</summary>
    internal bool IsOwner(IParameterSymbol parameter) => parameter.Name == "owner"
        && parameter.ContainingSymbol is IMethodSymbol method
        && (RunsCallbacks(method) || IsMemberOf(method, IntervalNotifier) || (method.Name == "Insert" && IsMemberOf(method, AddressSpace)));

    /// <summary>What has to be disposed, in words; null for all other types.</summary>
    internal string? NameOfHold(ITypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(type, InvalidationScope) ? "scope of an invalidation"
        : SymbolEqualityComparer.Default.Equals(type, HeldNotifier) ? "hold of a notifier"
        : RegistrationLease is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, RegistrationLease) ? "lease"
        : null;

    /// <summary>Whether the result of a method may say that nothing was done, so that it must not be ignored.</summary>
    internal bool MustLookAtResult(IMethodSymbol method) => method.Name switch
    {
        "Apply" or "TryInsert" => IsMemberOf(method, AddressSpace),
        "Move" => IsMemberOf(method, IntervalNotifier) || IsMemberOf(method, FoundNotifier),
        _ => false,
    };

    internal bool IsRangeOfBounds(IMethodSymbol? constructor) =>
        constructor is { Parameters.Length: 2 } && IsMemberOf(constructor, AddressRange);

    internal bool IsEdit(IMethodSymbol method) => method.Name switch
    {
        "RemoveDeferred" => IsMemberOf(method, Notifier),
        "Move" or "Cut" => IsMemberOf(method, IntervalNotifier),
        _ => false,
    };

    /// <summary>Whether a method calls the delegate that it is given before it returns, here or while this thread waits.</summary>
    internal bool CallsItsArgument(IMethodSymbol method)
    {
        if (method.Name == "Cut" && (IsMemberOf(method, IntervalNotifier) || IsMemberOf(method, FoundNotifier)))
            return true;
        return method.ContainingType?.OriginalDefinition.ToDisplayString() is
            "System.Array" or "System.Collections.Generic.List<T>" or "System.Linq.Enumerable" or "System.Threading.Tasks.Parallel";
    }

    internal bool IsFoundNotifierOf(IPropertySymbol property) => property.Name == "Notifier" && IsMemberOf(property, FoundNotifier);

    /// <summary>Whether the engine calls a method and must not be held up: a callback, a second step or a Released handler.</summary>
    internal bool IsCallback(IMethodSymbol method) => IsOverriddenCallback(method) || IsSecondStep(method);

    internal bool IsNotifier(ITypeSymbol? type)
    {
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at, Notifier))
                return true;
        }

        return false;
    }

    /// <summary>The callback that a type of interval notifiers has or inherits, or null if it is abstract or not in sight.</summary>
    internal IMethodSymbol? FindIntervalCallback(ITypeSymbol type)
    {
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            IMethodSymbol? callback = at.GetMembers("Invalidate").OfType<IMethodSymbol>()
                .FirstOrDefault(method => IsMemberOf(RootOf(method), IntervalNotifier));
            if (callback is not null)
                return callback.IsAbstract || callback.DeclaringSyntaxReferences.IsEmpty ? null : callback.OriginalDefinition;
        }

        return null;
    }

    private static string WithoutAsync(string name) =>
        name.EndsWith(Async, StringComparison.Ordinal) ? name.Substring(0, name.Length - Async.Length) : name;

    private static IMethodSymbol RootOf(IMethodSymbol method)
    {
        IMethodSymbol root = method;
        while (root.OverriddenMethod is { } overridden)
            root = overridden;
        return root;
    }

    private static bool IsMemberOf(ISymbol member, INamedTypeSymbol? type) =>
        type is not null && SymbolEqualityComparer.Default.Equals(member.ContainingType?.OriginalDefinition, type);

    private bool IsOverriddenCallback(IMethodSymbol method)
    {
        if (!method.IsOverride)
            return false;
        IMethodSymbol root = RootOf(method);
        return root.Name switch
        {
            "Invalidate" => IsMemberOf(root, IntervalNotifier),
            "InvalidateStart" or "InvalidateEnd" => IsMemberOf(root, WholeSpaceNotifier),
            "Released" => IsMemberOf(root, Notifier),
            _ => false,
        };
    }

    private bool IsSecondStep(IMethodSymbol method)
    {
        if (SecondStep is null || method.ContainingType is not { } type)
            return false;
        foreach (ISymbol finish in SecondStep.GetMembers("Finish"))
        {
            if (SymbolEqualityComparer.Default.Equals(type.FindImplementationForInterfaceMember(finish), method))
                return true;
        }

        return false;
    }
}
