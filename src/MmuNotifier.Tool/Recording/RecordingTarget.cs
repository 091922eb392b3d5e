namespace MmuNotifier.Tool.Recording;

/// <summary>
/// The file that a recording is written to, opened before the process is stopped. Until <see cref="Begin"/> a file that was there stays as
/// it was; one that was not there goes away again.
/// </summary>
internal sealed class RecordingTarget : IDisposable
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly bool _isNew;
    private readonly FileStream _file;
    private bool _hasBegun;

    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened, or is a folder.</exception>
    internal RecordingTarget(string path)
    {
        _path = path;
        _isNew = !File.Exists(path);
        var options = new FileStreamOptions
        {
            Mode = _isNew ? FileMode.Create : FileMode.Open,
            Access = FileAccess.Write,
            BufferSize = 0,
        };
        if (_isNew && !OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersOnly;
        _file = new FileStream(path, options);
    }

    /// <summary>Empties it.</summary>
    internal FileStream Begin()
    {
        _hasBegun = true;
        if (_file.CanSeek && _file.Length > 0)
            _file.SetLength(0);
        return _file;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (_isNew && !_hasBegun)
            File.Delete(_path);
    }
}
