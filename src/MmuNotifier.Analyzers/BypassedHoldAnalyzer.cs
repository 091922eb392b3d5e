using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN006: an edit of a found notifier that is not made through what was found.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BypassedHoldAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.BypassedHold,
        "Edit a found notifier through its hold",
        "Call '{0}' on the FoundNotifier itself, so that the edit is made while the hold lasts",
        Rule.Usage,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        description: "A FoundNotifier cannot be stored, so an edit made through it is made while the notifier is held.",
        helpLinkUri: Rule.HelpLink(Rule.BypassedHold));

    /// <summary>Made by the compiler.</summary>
    public BypassedHoldAnalyzer()
        : base(Descriptor, OperationKind.Invocation)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var edit = (IInvocationOperation)context.Operation;
        if (engine.IsEdit(edit.TargetMethod)
            && edit.Instance?.WithoutConversions() is IPropertyReferenceOperation receiver
            && engine.IsFoundNotifierOf(receiver.Property))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, edit.Syntax.GetLocation(), edit.TargetMethod.Name));
        }
    }
}
