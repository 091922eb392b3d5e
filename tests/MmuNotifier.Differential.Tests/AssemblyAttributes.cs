// The arenas lie at fixed places of this process, and its scratch file is one.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
