using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MmuNotifier.Caching;

/// <summary>
/// Which values are kept as objects, by HybridCache's rules: strings, structs without references, and sealed types and structs that say
/// <c>[ImmutableObject(true)]</c>.
/// </summary>
internal static class ImmutableTypes<T>
{
    /// <summary>A constant to the JIT.</summary>
    public static readonly bool Contain = typeof(T) == typeof(string) || !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || SaysSo();

    private static bool SaysSo()
    {
        Type type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        return (type.IsValueType || (type.IsClass && type.IsSealed))
            && type.GetCustomAttribute<ImmutableObjectAttribute>() is { Immutable: true };
    }
}
