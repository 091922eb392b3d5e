using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>What a watch knows of one line of the maps; kept as long as the line does not change.</summary>
internal struct MappingState
{
    /// <summary>The answer to the registration; null: not registered yet.</summary>
    internal UserfaultfdStatus? Registration;

    internal bool IsClassified;
    internal Coverage Coverage;
    internal string Reason;
    internal bool IsMappedTwice;

    /// <summary>The answer as of the classification.</summary>
    internal UserfaultfdStatus ClassifiedRegistration;
}
