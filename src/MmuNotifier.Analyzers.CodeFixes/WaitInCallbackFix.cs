using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN001: calls the form that does not wait.</summary>
[Shared]
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(WaitInCallbackFix))]
public sealed class WaitInCallbackFix() : InvocationFix(Rule.WaitInCallback)
{
    private protected override Replacement? Replacing(
        InvocationExpressionSyntax call, SemanticModel model, CancellationToken cancellationToken)
    {
        if (NameOf(call) is not { } name
            || WithoutWaiting(name.Identifier.ValueText) is not { } newName
            || model.GetOperation(call, cancellationToken) is not IInvocationOperation operation)
        {
            return null;
        }

        return new Replacement($"Call {newName}", call, () => Replace(call, name, newName, TokensIn(operation)));
    }

    private static string? WithoutWaiting(string name) => name switch
    {
        "Remove" => "RemoveDeferred",
        "ReadBegin" => "ReadBeginNoWait",
        _ => null,
    };

    private static SimpleNameSyntax? NameOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        SimpleNameSyntax name => name,
        MemberAccessExpressionSyntax access => access.Name,
        MemberBindingExpressionSyntax binding => binding.Name,
        _ => null,
    };

    /// <summary>The form that does not wait takes no cancellation token.</summary>
    private static HashSet<SyntaxNode> TokensIn(IInvocationOperation call) =>
        [.. call.Arguments.Where(argument => argument.Parameter?.Type.Name == "CancellationToken").Select(argument => argument.Syntax)];

    private static InvocationExpressionSyntax Replace(
        InvocationExpressionSyntax call, SimpleNameSyntax name, string newName, HashSet<SyntaxNode> dropped)
    {
        IEnumerable<ArgumentSyntax> kept = call.ArgumentList.Arguments.Where(argument => !dropped.Contains(argument));
        SyntaxToken comma = SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space);
        SimpleNameSyntax renamed = SyntaxFactory.IdentifierName(newName).WithTriviaFrom(name);
        return call
            .ReplaceNode(name, renamed)
            .WithArgumentList(call.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(
                kept,
                Enumerable.Repeat(comma, Math.Max(0, kept.Count() - 1)))));
    }
}
