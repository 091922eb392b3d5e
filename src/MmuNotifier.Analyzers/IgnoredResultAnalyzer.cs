using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN009: a result that nobody looks at, although it may say that nothing was done.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IgnoredResultAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.IgnoredResult,
        "Look at the result",
        "'{0}' says by its result whether anything was done; look at it, or assign it to _",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A batch, a move or an insertion can be refused because another thread was faster or the space has exited; then "
            + "nothing was changed.",
        helpLinkUri: Rule.HelpLink(Rule.IgnoredResult));

    /// <summary>Made by the compiler.</summary>
    public IgnoredResultAnalyzer()
        : base(Descriptor, OperationKind.Invocation)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var call = (IInvocationOperation)context.Operation;
        if (engine.MustLookAtResult(call.TargetMethod) && call.AsPassedOn().Parent is IExpressionStatementOperation)
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, call.Syntax.GetLocation(), call.TargetMethod.Name));
    }
}
