namespace MmuNotifier.Exploration.Model;

/// <summary>
/// One word or reference, and the last writes to it in modification order. It belongs to one execution; when another meets it (a static),
/// it starts over from its newest value.
/// </summary>
internal sealed class Location
{
    /// <summary>How many of the last messages can be read; a power of two.</summary>
    public const int Depth = 4;

    private readonly Message[] _messages = new Message[Depth];
    private long _execution;

    public Location()
    {
    }

    public Location(long value) => _messages[0].Value = value;

    /// <summary>The number of the location in its execution.</summary>
    public int Number { get; private set; }

    /// <summary>The time of the newest message; the initial one has time 0.</summary>
    public int Newest { get; private set; }

    public ref Message NewestMessage => ref _messages[Newest % Depth];

    public ref Message At(int time) => ref _messages[time % Depth];

    public bool BelongsTo(long execution) => _execution == execution;

    public void StartAnew(long execution, int number)
    {
        Message newest = NewestMessage;
        _messages.AsSpan().Clear();
        _messages[0] = newest with { Released = null };
        _execution = execution;
        Number = number;
        Newest = 0;
    }

    /// <summary>Appends a message; the view of the one that it pushes out is its own now.</summary>
    public ref Message Append(long value, object? reference, ViewPool views)
    {
        Newest++;
        ref Message message = ref NewestMessage;
        message.Value = value;
        message.Reference = reference;
        message.Released ??= views.Rent();
        return ref message;
    }
}
