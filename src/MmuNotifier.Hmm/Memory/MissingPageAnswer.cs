namespace MmuNotifier.Hmm;

/// <summary>Gives a page that is missing and was touched its content; see <see cref="VirtualMemory.AnswerMissing"/>.</summary>
/// <param name="address">First byte of the page.</param>
/// <param name="page">The content, zeros at first.</param>
public delegate void MissingPageAnswer(ulong address, Span<byte> page);
