namespace MmuNotifier.Caching;

/// <summary>A name that has an address in the <see cref="NameTree"/>.</summary>
internal interface INamed
{
    /// <summary>The name.</summary>
    string Key { get; }

    /// <summary>What the name is below. Guarded by the lock of the tree, which changes it when a segment is made of a lone name.</summary>
    NameSegment Segment { get; set; }

    /// <summary>Among the children of the segment. Guarded like it.</summary>
    uint Number { get; set; }
}
