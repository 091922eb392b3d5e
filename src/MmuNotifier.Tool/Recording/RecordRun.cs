using System.Globalization;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Recording;

/// <summary>Carries <c>mmun record</c> out: looks, writes, and says at the end what the file has and has not.</summary>
internal static class RecordRun
{
    internal static int Execute(RecordRequest request)
    {
        using var signals = new EndSignals();
        string? path = request.Output;
        try
        {
            // A file that cannot be written is said before the process is stopped.
            using RecordingTarget? early = path is null ? null : new RecordingTarget(path);
            using ProcessSampler sampler = request.ProcessId is { } processId
                ? ProcessSampler.Attach(processId)
                : ProcessSampler.Launch(request.Program, ProgramStreams.Inherited);
            path ??= string.Create(CultureInfo.InvariantCulture, $"mmun-{sampler.ProcessId}.rec");
            using RecordingTarget? late = early is null ? new RecordingTarget(path) : null;
            return Record(request, sampler, (early ?? late!).Begin(), path, signals);
        }
        catch (ProcessAttachException refusal)
        {
            Console.Error.WriteLine($"mmun: {refusal.Message}");
        }
        catch (Exception exception) when (exception is (IOException or UnauthorizedAccessException) and not OutputLostException)
        {
            Console.Error.WriteLine($"mmun: {path} cannot be written: {exception.Message}");
        }

        return ExitCodes.Impossible;
    }

    private static int Record(RecordRequest request, ProcessSampler sampler, FileStream file, string path, EndSignals signals)
    {
        string version = typeof(RecordRun).Assembly.GetName().Version!.ToString(3);
        var writer = new RecordingWriter(
            file, request.MaxBytes, new RecordedProcess(sampler.ProcessId, sampler.Command, sampler.Began, request.Interval, version));
        try
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"mmun: recording process {sampler.ProcessId} into {path}; Ctrl-C ends it"));
            (RecordingEnd why, string words) = Look(request, sampler, writer, signals);
            writer.End(sampler.Elapsed, why, words);
            Summarise(writer, sampler, path, words);
            return ExitCodes.Success;
        }
        catch (Exception exception) when (exception is IOException and not OutputLostException)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"mmun: {path} cannot be written any more: {exception.Message}; {writer.Looks} looks are in it, the last after "
                    + $"{sampler.Elapsed.TotalSeconds:0.0} s"));
            return ExitCodes.Impossible;
        }
    }

    private static (RecordingEnd Why, string Words) Look(
        RecordRequest request, ProcessSampler sampler, RecordingWriter writer, EndSignals signals)
    {
        TimeSpan due = request.Interval;
        _ = writer.TryWrite(sampler.First, sampler.Command);
        while (true)
        {
            TimeSpan end = request.Duration ?? TimeSpan.MaxValue;
            while (!signals.End.IsCancellationRequested && !sampler.HasEnded && sampler.Elapsed < due && sampler.Elapsed < end)
                signals.Wait(Least(due - sampler.Elapsed, end - sampler.Elapsed, TimeSpan.FromMilliseconds(50)));
            bool isLast = signals.End.IsCancellationRequested || sampler.Elapsed >= end;
            TimeSpan begin = sampler.Elapsed;
            if (sampler.Take() is not { } sample)
                return (RecordingEnd.ProcessEnded, sampler.End!);
            if (!writer.TryWrite(sample, sampler.Command))
            {
                return (RecordingEnd.SizeReached, string.Create(
                    CultureInfo.InvariantCulture,
                    $"--max-size was reached: nothing after {(sample.At - sample.Period).TotalSeconds:0.0} s is in it."));
            }

            if (isLast)
                return (RecordingEnd.Asked, "It was asked to end.");
            due = begin + RoundCost.NextInterval(request.Interval, sample.Cost);
        }
    }

    private static TimeSpan Least(params ReadOnlySpan<TimeSpan> times)
    {
        TimeSpan least = times[0];
        foreach (TimeSpan time in times)
            least = time < least ? time : least;
        return least;
    }

    private static void Summarise(RecordingWriter writer, ProcessSampler sampler, string path, string words)
    {
        Console.Error.WriteLine($"mmun: {words}");
        string lost = writer.EventsLost > 0
            ? string.Create(CultureInfo.InvariantCulture, $" ({writer.EventsLost} more had no room between two looks)")
            : "";
        double share = sampler.Cost / sampler.Elapsed;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"mmun: {path}: {Quantities.Bytes(writer.Bytes)}, {writer.Looks} looks in {sampler.Elapsed.TotalSeconds:0.0} s, "
                + $"{writer.Events} events{lost}; it has cost the process {Quantities.Share(share)} of its time (estimated)."));
        Console.Error.WriteLine($"mmun: mmun report {path}");
    }
}
