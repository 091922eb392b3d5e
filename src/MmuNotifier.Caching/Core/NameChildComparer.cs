namespace MmuNotifier.Caching;

/// <summary>
/// Compares the children of a segment by their own segment of the name: <see cref="NameSegment"/>s, and lone names, which have it in the
/// middle of their key.
/// </summary>
/// <param name="separators">What ends a segment.</param>
/// <param name="offset">Where the children's segments begin.</param>
internal sealed class NameChildComparer(string separators, int offset)
    : IEqualityComparer<object>, IAlternateEqualityComparer<ReadOnlySpan<char>, object>
{
    public new bool Equals(object? x, object? y) => ReferenceEquals(x, y) || Equals(TextOf(x!), y!);

    public int GetHashCode(object obj) => GetHashCode(TextOf(obj));

    public bool Equals(ReadOnlySpan<char> alternate, object other) => alternate.SequenceEqual(TextOf(other));

    public int GetHashCode(ReadOnlySpan<char> alternate) => string.GetHashCode(alternate);

    public object Create(ReadOnlySpan<char> alternate) => throw new NotSupportedException();

    private ReadOnlySpan<char> TextOf(object child)
    {
        if (child is NameSegment segment)
            return segment.Text;
        ReadOnlySpan<char> rest = ((INamed)child).Key.AsSpan(offset);
        return rest[..(rest.IndexOfAny(separators) + 1)];
    }
}
