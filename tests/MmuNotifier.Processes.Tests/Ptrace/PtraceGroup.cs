namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>Tests that stop programs and look at times do not run beside each other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PtraceGroup
{
    public const string Name = "ptrace";
}
