using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN004: ends the invalidation at the end of the block, by a using declaration.</summary>
/// <remarks>Not for the out argument of TryStartInvalidation, which no using declaration can take.</remarks>
[Shared]
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UndisposedScopeFix))]
public sealed class UndisposedScopeFix() : InvocationFix(Rule.UndisposedScope)
{
    private const string Title = "End the invalidation with a using declaration";

    private protected override Replacement? Replacing(
        InvocationExpressionSyntax call, SemanticModel model, CancellationToken cancellationToken)
    {
        StatementSyntax? statement = call.FirstAncestorOrSelf<StatementSyntax>();
        if (statement?.Parent is not (BlockSyntax or GlobalStatementSyntax))
            return null;
        return statement switch
        {
            LocalDeclarationStatementSyntax declaration when Initialises(declaration, call) && !IsReassigned(declaration, model) =>
                new Replacement(Title, declaration, () => Using(declaration)),
            ExpressionStatementSyntax { Expression: var expression } lone when expression == call || IsDiscarded(expression, call) =>
                new Replacement(Title, lone, () => Using(lone, call, model)),
            _ => null,
        };
    }

    private static bool Initialises(LocalDeclarationStatementSyntax declaration, InvocationExpressionSyntax call) =>
        declaration.Declaration.Variables.Count == 1 && declaration.Declaration.Variables[0].Initializer?.Value == call;

    private static bool IsDiscarded(ExpressionSyntax expression, InvocationExpressionSyntax call) =>
        expression is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "_" } } assignment
        && assignment.Right == call;

    /// <summary>A variable of a using declaration cannot be assigned.</summary>
    private static bool IsReassigned(LocalDeclarationStatementSyntax declaration, SemanticModel model) =>
        model.GetDeclaredSymbol(declaration.Declaration.Variables[0]) is { } local
        && Container(declaration).DescendantNodes().OfType<AssignmentExpressionSyntax>().Any(assignment =>
            SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(assignment.Left).Symbol, local));

    private static SyntaxNode Container(StatementSyntax statement) =>
        statement.Parent is GlobalStatementSyntax { Parent: { } file } ? file : statement.Parent!;

    private static LocalDeclarationStatementSyntax Using(LocalDeclarationStatementSyntax declaration) => declaration
        .WithoutLeadingTrivia()
        .WithUsingKeyword(SyntaxFactory.Token(SyntaxKind.UsingKeyword).WithTrailingTrivia(SyntaxFactory.Space))
        .WithLeadingTrivia(declaration.GetLeadingTrivia());

    private static StatementSyntax Using(ExpressionStatementSyntax lone, InvocationExpressionSyntax call, SemanticModel model) =>
        SyntaxFactory.ParseStatement($"using var {FreeName(call, model)} = {call.WithoutTrivia()};")
            .WithTriviaFrom(lone)
            .WithAdditionalAnnotations(Formatter.Annotation);

    private static string FreeName(InvocationExpressionSyntax call, SemanticModel model)
    {
        SyntaxNode member = call.FirstAncestorOrSelf<MemberDeclarationSyntax>() ?? call.SyntaxTree.GetRoot();
        if (member is GlobalStatementSyntax)
            member = member.Parent!;
        var taken = new HashSet<string>(member.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.IdentifierToken))
            .Select(token => token.ValueText));
        taken.UnionWith(model.LookupSymbols(call.SpanStart).Select(symbol => symbol.Name));
        return Enumerable.Range(1, int.MaxValue)
            .Select(number => number == 1 ? "scope" : $"scope{number}")
            .First(name => !taken.Contains(name));
    }
}
