using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>Which types of notifiers override <see cref="Notifier.Released"/>.</summary>
internal static class ReleasedOverrides
{
    /// <summary>Weak in its types: a collectible load context can go.</summary>
    private static readonly ConditionalWeakTable<Type, Answer> s_answers = [];

    /// <summary>
    /// That of the type that was asked for last; most programs have one. Of a type that lives as long as the process: this one keeps it
    /// alive.
    /// </summary>
    private static Answer? s_last;

    public static bool Has([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.NonPublicMethods)] Type type) =>
        s_last is { } last && ReferenceEquals(last.Type, type) ? last.IsOverridden : Find(type);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Find([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.NonPublicMethods)] Type type)
    {
        if (!s_answers.TryGetValue(type, out Answer? answer))
            s_answers.TryAdd(type, answer = new Answer(type.IsCollectible ? null : type, IsOverridden(type)));
        if (answer.Type is not null)
            s_last = answer;
        return answer.IsOverridden;
    }

    private static bool IsOverridden([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.NonPublicMethods)] Type type) => type
        .GetMethod("Released", BindingFlags.Instance | BindingFlags.NonPublic, Type.EmptyTypes)
        ?.DeclaringType != typeof(Notifier);

    private sealed class Answer(Type? type, bool isOverridden)
    {
        /// <summary>Null for a type that can be unloaded.</summary>
        public Type? Type => type;

        public bool IsOverridden => isOverridden;
    }
}
