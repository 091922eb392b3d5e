using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN006: makes the edit through the hold.</summary>
[Shared]
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(BypassedHoldFix))]
public sealed class BypassedHoldFix() : InvocationFix(Rule.BypassedHold)
{
    private protected override Replacement? Replacing(
        InvocationExpressionSyntax call, SemanticModel model, CancellationToken cancellationToken)
    {
        if (call.Expression is not MemberAccessExpressionSyntax access
            || model.GetOperation(call, cancellationToken) is not IInvocationOperation { Instance: { } notifier }
            || notifier.WithoutConversions() is not IPropertyReferenceOperation { Instance.Syntax: ExpressionSyntax found })
        {
            return null;
        }

        return new Replacement(
            $"Call {access.Name.Identifier.ValueText} on the found notifier",
            access.Expression,
            () => found.WithTriviaFrom(access.Expression));
    }
}
