using MmuNotifier.Benchmarks;

return await BenchmarkCommands.Create().Parse(args).InvokeAsync().ConfigureAwait(false);
