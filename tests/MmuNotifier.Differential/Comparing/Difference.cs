using System.Globalization;
using System.Text;

namespace MmuNotifier.Differential;

/// <summary>Where two memories first differed.</summary>
/// <param name="Index">The operation, counted from 0.</param>
/// <param name="Description">What differed.</param>
public sealed record Difference(int Index, string Description)
{
    /// <summary>A report with the sequence as C#.</summary>
    public string Report(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"operation {Index} of {operations.Count}: {Description}");
        foreach (Operation operation in operations)
            text.AppendLine(CultureInfo.InvariantCulture, $"    {operation},");
        return text.ToString();
    }
}
