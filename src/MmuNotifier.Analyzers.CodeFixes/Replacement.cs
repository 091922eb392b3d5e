using Microsoft.CodeAnalysis;

namespace MmuNotifier.Analyzers;

/// <summary>A node and what takes its place, made when the fix is applied.</summary>
internal sealed class Replacement(string title, SyntaxNode old, Func<SyntaxNode> create)
{
    internal string Title { get; } = title;

    internal SyntaxNode Old { get; } = old;

    internal Func<SyntaxNode> Create { get; } = create;
}
