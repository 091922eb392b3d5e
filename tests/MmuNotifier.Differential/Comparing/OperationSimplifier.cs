using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>Plainer forms of an operation. Each is smaller in a fixed order, so that taking them again and again ends.</summary>
internal static class OperationSimplifier
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection Plain = Protection.Read | Protection.Write;

    internal static IEnumerable<Operation> Plainer(Operation operation)
    {
        if (operation.InChild)
            yield return operation with { InChild = false };
        if (operation.File > 1)
            yield return operation with { File = 1 };
        if (operation.Kind == OperationKind.Map)
        {
            if (operation.File > 0)
                yield return operation with { File = 0, FileOffset = 0 };
            if ((operation.MapFlags & MapFlags.Populate) != 0)
                yield return operation with { MapFlags = operation.MapFlags & ~MapFlags.Populate };
            if ((operation.MapFlags & MapFlags.Shared) != 0)
                yield return operation with { MapFlags = (operation.MapFlags & ~MapFlags.Shared) | MapFlags.Private };
            if (operation.Protection != Plain)
                yield return operation with { Protection = Plain };
        }

        foreach (ulong smaller in Smaller(operation.FileOffset))
            yield return operation with { FileOffset = smaller };
        foreach (ulong smaller in Smaller(operation.Length))
        {
            bool isKept = operation.Kind == OperationKind.Remap && operation.NewLength == operation.Length;
            yield return operation with { Length = smaller, NewLength = isKept ? smaller : operation.NewLength };
        }

        foreach (ulong smaller in Smaller(operation.NewLength))
            yield return operation with { NewLength = smaller };
        if (operation.Fill > 1)
            yield return operation with { Fill = 1 };
    }

    private static IEnumerable<ulong> Smaller(ulong value)
    {
        if (value is 0 or > (1UL << 40))
            yield break;
        if (value > Page)
            yield return Page;
        if (value % Page != 0)
            yield return value / Page * Page;
        if (value > 1 && value <= Page)
            yield return 1;
        if (value >= 2 * Page)
        {
            yield return value / 2 / Page * Page;
            yield return value - Page;
        }

        if (value == Page)
            yield return 0;
    }
}
