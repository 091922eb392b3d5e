using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>From the call that begins a read section to the section: past the await of the awaitable form, and back.</summary>
internal static class SectionValue
{
    /// <summary>The operation whose value is the section, or the task if nobody awaits it.</summary>
    internal static IOperation Of(IInvocationOperation begin)
    {
        IOperation value = begin.AsPassedOn();
        while (Next(value) is { } next)
            value = next.AsPassedOn();
        return value;
    }

    /// <summary>The call that begins the section, or null if the value has another source.</summary>
    internal static IInvocationOperation? BeginOf(IOperation? section, EngineSymbols engine)
    {
        IOperation? value = section?.WithoutConversions();
        while (true)
        {
            switch (value)
            {
                case IInvocationOperation begin when engine.BeginsReadSection(begin.TargetMethod):
                    return begin;
                case IInvocationOperation { Instance: { } instance } step when IsStep(step):
                    value = instance.WithoutConversions();
                    break;
                case IPropertyReferenceOperation { Property.Name: "Result", Instance: { } instance }:
                    value = instance.WithoutConversions();
                    break;
                case IAwaitOperation awaited:
                    value = awaited.Operation.WithoutConversions();
                    break;
                default:
                    return null;
            }
        }
    }

    private static IOperation? Next(IOperation value) => value.Parent switch
    {
        IAwaitOperation awaited => awaited,
        IInvocationOperation step when step.Instance == value && IsStep(step) => step,
        IPropertyReferenceOperation { Property.Name: "Result" } result => result,
        _ => null,
    };

    private static bool IsStep(IInvocationOperation invocation) =>
        invocation.TargetMethod.Name is "ConfigureAwait" or "AsTask" or "Preserve" or "GetAwaiter" or "GetResult";
}
