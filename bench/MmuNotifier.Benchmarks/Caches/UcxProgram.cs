using System.ComponentModel;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>The program that is the side of UCX, built from <c>ucx_side.c</c> against the installed headers and libraries.</summary>
internal sealed class UcxProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-ucx");

    private UcxProgram()
    {
    }

    internal string Path => System.IO.Path.Combine(_folder.FullName, "ucx_side");

    /// <summary>Null with the reason if it cannot be built here.</summary>
    internal static UcxProgram? Build(out string? lack)
    {
        lack = null;
        if (!File.Exists("/usr/include/ucs/memory/rcache.h"))
        {
            lack = "UCX is not installed: apt-get install libucx-dev gcc";
            return null;
        }

        var program = new UcxProgram();
        string source = System.IO.Path.Combine(AppContext.BaseDirectory, "ucx_side.c");
        try
        {
            Commands.Output("cc", "-O2", "-o", program.Path, source, "-lucs", "-lucm", "-lucp", "-lpthread");
            return program;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            program.Dispose();
            lack = $"the program that measures UCX cannot be built: {exception.Message}";
            return null;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
