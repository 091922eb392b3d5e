namespace MmuNotifier.Processes.Mirroring;

/// <content>What else a reader of the report should know.</content>
public sealed partial class MirrorSession
{
    private const int MaxRemarks = 50;

    private readonly List<string> _remarks = [];

    /// <summary>One sentence each, in the order of finding; each of them once, and not endlessly many.</summary>
    internal IReadOnlyList<string> Remarks => _remarks;

    private void Remark(string sentence)
    {
        if (_remarks.Count < MaxRemarks && !_remarks.Contains(sentence))
            _remarks.Add(sentence);
    }
}
