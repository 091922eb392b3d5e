using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN006: makes the edit through the hold.</summary>
[Shared]
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(BypassedHoldFix))]
public sealed class BypassedHoldFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [Rule.BypassedHold];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
        {
            return;
        }

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (NodeFix.FindInvocation(root, diagnostic) is { Expression: MemberAccessExpressionSyntax access } call
                && model.GetOperation(call, context.CancellationToken) is IInvocationOperation { Instance: { } notifier }
                && notifier.WithoutConversions() is IPropertyReferenceOperation { Instance.Syntax: ExpressionSyntax found })
            {
                NodeFix.Register(
                    context,
                    diagnostic,
                    root,
                    $"Call {access.Name.Identifier.ValueText} on the found notifier",
                    access.Expression,
                    () => found.WithTriviaFrom(access.Expression));
            }
        }
    }
}
