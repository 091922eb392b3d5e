using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MmuNotifier.Analyzers;

/// <summary>A fix of a rule that is reported at a call: it replaces one node of the document.</summary>
public abstract class InvocationFix : CodeFixProvider
{
    private protected InvocationFix(string rule) => FixableDiagnosticIds = [rule];

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
        {
            return;
        }

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode reported = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            if (reported.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } call
                || Replacing(call, model, context.CancellationToken) is not { } replacement)
            {
                continue;
            }

            Task<Document> Apply(CancellationToken cancellationToken) =>
                Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(replacement.Old, replacement.Create())));
            context.RegisterCodeFix(CodeAction.Create(replacement.Title, Apply, equivalenceKey: replacement.Title), diagnostic);
        }
    }

    /// <summary>What is replaced for a call, and by what; null if there is no fix for it.</summary>
    private protected abstract Replacement? Replacing(
        InvocationExpressionSyntax call, SemanticModel model, CancellationToken cancellationToken);
}
