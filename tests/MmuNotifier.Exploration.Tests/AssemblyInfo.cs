// The active defect is one for the process, and explorations keep a core busy.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
