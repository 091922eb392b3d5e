using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Reporting;

namespace MmuNotifier.Tool.Commands;

/// <summary>The exit code of a <c>mmun mirror</c> that has come to its report.</summary>
internal static class MirrorExitCode
{
    /// <param name="report">What it came to.</param>
    /// <param name="passesOn">Whether the exit code is that of the launched program, unless something differs.</param>
    /// <param name="mustCompare">Whether it is a failure that nothing was compared.</param>
    /// <param name="line">What there is to say on standard error; null if the report says it.</param>
    internal static int Of(MirrorReport report, bool passesOn, bool mustCompare, out string? line)
    {
        line = null;
        bool differs = report.PagesDiffering > 0 || report.EventsLost > 0;
        if (passesOn)
        {
            if (!differs)
                return report.Target.ExitCode ?? ExitCodes.Success;
            line = FormattableString.Invariant($"{Words.Count(report.PagesDiffering, "page")} not equal, {report.EventsLost} events lost; ")
                + (report.Target.ExitCode is { } own ? FormattableString.Invariant($"the program's own exit code is {own}.")
                    : "the program runs on.");
            return ExitCodes.OwnFailure;
        }

        if (differs)
            return ExitCodes.Differs;
        if (!mustCompare || report.PagesCompared > 0)
            return ExitCodes.Success;
        line = NothingCompared.Explain(report);
        return ExitCodes.Impossible;
    }
}
