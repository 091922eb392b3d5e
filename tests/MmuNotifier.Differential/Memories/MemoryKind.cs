namespace MmuNotifier.Differential;

/// <summary>The memories that can be compared.</summary>
public enum MemoryKind
{
    /// <summary>The simulated address space.</summary>
    Simulated,

    /// <summary>Real memory through this library.</summary>
    Linux,

    /// <summary>Real memory by system calls alone.</summary>
    Kernel,
}
