namespace MmuNotifier.Processes;

/// <summary>A core that was taken.</summary>
/// <param name="Report">What there is to say of it.</param>
/// <param name="Writer">For a core that is passed on.</param>
internal sealed record CoreResult(CoreReport Report, ElfCoreWriter Writer);
