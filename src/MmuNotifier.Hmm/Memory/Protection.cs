namespace MmuNotifier.Hmm;

/// <summary>What a mapping permits (<c>PROT_*</c>, same values).</summary>
[Flags]
public enum Protection
{
    /// <summary>No access at all.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing.</summary>
    Write = 2,

    /// <summary>Execution.</summary>
    Execute = 4,
}
