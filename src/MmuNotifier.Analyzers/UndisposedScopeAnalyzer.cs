using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN004: an invalidation that is started and never ended.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UndisposedScopeAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.UndisposedScope,
        "Dispose the scope of an invalidation",
        "The invalidation that '{0}' starts is never ended; dispose its scope when the change is made",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Until the scope is disposed, no read section on a notifier that the invalidation meets commits, and whoever begins "
            + "one waits.",
        helpLinkUri: Rule.HelpLink(Rule.UndisposedScope));

    /// <summary>Made by the compiler.</summary>
    public UndisposedScopeAnalyzer()
        : base(Descriptor, OperationKind.Invocation)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var start = (IInvocationOperation)context.Operation;
        if (!engine.StartsInvalidation(start.TargetMethod))
            return;
        IArgumentOperation? outScope = start.Arguments.FirstOrDefault(argument => argument.Parameter?.RefKind == RefKind.Out);
        if (outScope is null ? IsLost(start) : IsLost(outScope))
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, start.Syntax.GetLocation(), start.TargetMethod.Name));
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
