using System.Runtime.CompilerServices;
using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Reporting;

/// <summary>The text of a step that has a name: made only while a timeline is recorded.</summary>
[InterpolatedStringHandler]
internal ref struct StepText
{
    private DefaultInterpolatedStringHandler _text;
    private readonly bool _isWanted;

    public StepText(int literalLength, int formattedCount, out bool isWanted)
    {
        isWanted = _isWanted = ControlledThread.Current is { Execution.IsTraced: true };
        if (isWanted)
            _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Null if nobody wants it.</summary>
    public string? Text => _isWanted ? _text.ToStringAndClear() : null;

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value)
    {
        if (value is AddressRange range)
            _text.AppendLiteral(Pages.Describe(range));
        else
            _text.AppendFormatted(value);
    }
}
