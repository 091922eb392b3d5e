using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN004: an invalidation, a hold or a lease that is begun and never ended.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UndisposedScopeAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.UndisposedScope,
        "Dispose scopes, holds and leases",
        "The {1} that '{0}' gives is never disposed",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Until the scope of an invalidation is disposed, no read section that it meets commits, and a thread that begins "
            + "one waits. A notifier that is held is not released. Memory under a lease stays registered.",
        helpLinkUri: Rule.HelpLink(Rule.UndisposedScope));

    /// <summary>Made by the compiler.</summary>
    public UndisposedScopeAnalyzer()
        : base(Descriptor, OperationKind.Invocation)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var start = (IInvocationOperation)context.Operation;
        IArgumentOperation? given = start.Arguments.FirstOrDefault(argument => argument.Parameter?.RefKind == RefKind.Out);
        ITypeSymbol type = given?.Parameter?.Type ?? start.TargetMethod.ReturnType;
        if (engine.NameOfHold(type) is { } hold && (given is null ? IsLost(start) : IsLost(given)))
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, start.Syntax.GetLocation(), start.TargetMethod.Name, hold));
    }

    private static bool IsLost(IInvocationOperation start)
    {
        Landing landing = Landing.Of(start);
        return landing.IsDiscarded || (landing.Local is { } local && IsNeverDisposed(local, start.Root()));
    }

    private static bool IsLost(IArgumentOperation outScope) => outScope.Value switch
    {
        IDiscardOperation or IDeclarationExpressionOperation { Expression: IDiscardOperation } => true,
        IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared } =>
            IsNeverDisposed(declared.Local, outScope.Root()),
        ILocalReferenceOperation local => IsNeverDisposed(local.Local, outScope.Root()),
        _ => false,
    };

    private static bool IsNeverDisposed(ILocalSymbol local, IOperation root) =>
        !local.IsUsing && LocalUses.Of(local, root).All(use => LocalUses.IsAssigned(use) || IsOnlyLookedAt(use));

    private static bool IsOnlyLookedAt(ILocalReferenceOperation use) => use.Parent switch
    {
        IBinaryOperation or IDeclarationExpressionOperation => true,
        IArgumentOperation { Parameter.RefKind: RefKind.Out } => true,
        IInvocationOperation => LocalUses.CalledOn(use) is { Name: not "Dispose" },
        _ => false,
    };
}
