using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>What a thread can wait for: a declared lock, or the calls of one kind of an address space.</summary>
/// <param name="isWaitedFor">
/// Whether a dependency on it is a wait of one thread for another. Not so for calls that are only run: a thread that runs the callbacks of
/// two spaces inside of one another, in both orders, waits for nobody.
/// </param>
/// <param name="parts">What every thread that waits for it waits for as well.</param>
/// <remarks>
/// Belongs to its lock or space and dies with it: others know it by weak keys, and what it depends on is with it. So the whole graph is no
/// larger than what is alive.
/// </remarks>
internal sealed class DependencyNode(bool isWaitedFor, params DependencyNode[] parts)
{
    private ConditionalWeakTable<DependencyNode, Dependency>? _dependencies;

    public bool IsWaitedFor => isWaitedFor;

    public DependencyNode[] Parts => parts;

    public IEnumerable<KeyValuePair<DependencyNode, Dependency>> Dependencies => _dependencies ?? [];

    /// <summary>The dependency on another one that was noted, or null. Needs no lock.</summary>
    public Dependency? Find(DependencyNode other) =>
        Volatile.Read(ref _dependencies) is { } dependencies && dependencies.TryGetValue(other, out Dependency? dependency)
            ? dependency
            : null;

    /// <summary>Under the lock of the graph.</summary>
    public void Add(DependencyNode other, Dependency dependency)
    {
        if (_dependencies is null)
            Volatile.Write(ref _dependencies, []);
        _dependencies.Add(other, dependency);
    }
}
