using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Processes;

/// <content>Core files.</content>
public sealed partial class LiveProcess
{
    /// <summary>
    /// Writes a core file of the process, as of one moment. Most of its memory is copied while it runs; then it is stopped for some
    /// milliseconds, in which the rest is copied and the registers are read.
    /// </summary>
    /// <param name="path">
    /// The file: only its owner may read and write it, and it is sparse. A file that has the name is replaced when the core is complete,
    /// and not before.
    /// </param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up while the process runs; no file is left.</param>
    /// <returns>What there is to say of it.</returns>
    /// <remarks>docs/core.md says what is in the core, and which debuggers open it.</remarks>
    /// <exception cref="CoreException">
    /// It was not written: the process ended, it writes so fast that <see cref="CoreOptions.MaxStop"/> is too short, the disk is full...
    /// The process runs as before.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="InvalidOperationException">It is frozen or not started; or as <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public CoreReport WriteCore(string path, CoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using Call call = EnterForCore();
        // Before the process is touched: a folder that is missing or full is no reason to.
        CoreFile file = CoreFile.Create(path);
        return Take(file, options, _ => file.Publish(), cancellationToken) with { Path = path };
    }

    /// <summary>
    /// Does what <see cref="WriteCore"/> does into a pipe or a socket. The core is kept in a file without a name, in the folder for
    /// temporary files (<c>TMPDIR</c>), until it is complete: nothing is written if it cannot be taken.
    /// </summary>
    /// <param name="output">Gets the core, holes as zeros; stays open.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up while the process runs; nothing is written.</param>
    /// <returns>What there is to say of it.</returns>
    /// <exception cref="CoreException">It was not written, or not to its end: nobody reads any more.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="InvalidOperationException">It is frozen or not started; or as <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public CoreReport SendCore(SafeFileHandle output, CoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        using Call call = EnterForCore();
        CoreFile file = CoreFile.CreateUnnamed(Path.GetTempPath());
        return Take(file, options, writer => writer.SendTo(output), cancellationToken);
    }

    private Call EnterForCore()
    {
        Call call = Enter();
        try
        {
            RequireStarted();
            RequireNotFrozen();
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <summary>Takes the file over.</summary>
    private CoreReport Take(CoreFile file, CoreOptions? options, Action<ElfCoreWriter> deliver, CancellationToken cancellationToken)
    {
        using CoreFile taken = file;
        using var taking = new CoreTaking(_watcher, options ?? new CoreOptions(), cancellationToken.ThrowIfCancellationRequested);
        try
        {
            taking.Add(_watch, taken);
            taking.Capture();
        }
        catch (ProcessAttachException refusal)
        {
            throw new CoreException($"The core cannot be taken: {refusal.Message}", refusal);
        }

        CoreResult result = taking.Finish().Single();
        deliver(result.Writer);
        return CoreMember.WithRuntime(result.Report, _watch);
    }
}
