using System.Text;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Recording;

namespace MmuNotifier.Tool.Reports;

/// <summary>Carries <c>mmun report</c> out.</summary>
internal static class ReportRun
{
    private const int BufferBytes = 1 << 16;

    internal static int Execute(ReportRequest request)
    {
        string path = request.File, doing = "read";
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferBytes);
            if (request.Html is null && request.Trace is null)
            {
                RecordingAnalysis analysis = RecordingAnalysis.Of(Open(file));
                Console.Out.Write(request.IsJson ? RecordingJson.Write(analysis) + "\n" : RecordingText.Of(analysis));
                return ExitCodes.Success;
            }

            if (request.Html is { } html)
            {
                string page = RecordingPage.Of(() => Open(file));
                (path, doing) = (html, "written");
                long bytes = OutputFile.Write(html, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
                Console.Error.WriteLine($"mmun: {html}: {Quantities.Bytes(bytes)}; open it in a browser");
            }

            if (request.Trace is { } trace)
            {
                (path, doing) = (trace, "written");
                long bytes = OutputFile.Write(trace, stream => RecordingTrace.Write(() => Open(file), stream));
                Console.Error.WriteLine($"mmun: {trace}: {Quantities.Bytes(bytes)}; open it in https://ui.perfetto.dev");
            }

            return ExitCodes.Success;
        }
        catch (RecordingException refusal)
        {
            Console.Error.WriteLine($"mmun: {request.File} cannot be read: {refusal.Message}.");
        }
        catch (Exception exception) when (exception is (IOException or UnauthorizedAccessException) and not OutputLostException)
        {
            Console.Error.WriteLine($"mmun: {path} cannot be {doing}: {exception.Message}");
        }

        return ExitCodes.Impossible;
    }

    private static RecordingReader Open(FileStream file)
    {
        file.Position = 0;
        return new RecordingReader(file);
    }
}
