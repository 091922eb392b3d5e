using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MmuNotifier.Analyzers;

/// <summary>What the fixes have in common: they replace one node of the document.</summary>
internal static class NodeFix
{
    internal static InvocationExpressionSyntax? FindInvocation(SyntaxNode root, Diagnostic diagnostic) =>
        root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<InvocationExpressionSyntax>();

    internal static void Register(
        CodeFixContext context, Diagnostic diagnostic, SyntaxNode root, string title, SyntaxNode old, Func<SyntaxNode> create)
    {
        Task<Document> Apply(CancellationToken cancellationToken) =>
            Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(old, create())));
        context.RegisterCodeFix(CodeAction.Create(title, Apply, equivalenceKey: title), diagnostic);
    }
}
