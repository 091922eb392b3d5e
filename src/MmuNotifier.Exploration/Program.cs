using System.CommandLine;
using MmuNotifier.Exploration.Commands;

return new RootCommand("Explores the schedules and stale reads of the engine.")
{
    ExploreCommand.Create(),
    ReplayCommand.Create(),
    DefectsCommand.Create(),
    ListCommand.Create(),
}.Parse(args).Invoke();
