using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Reading pages, and writing them to their places.</content>
internal sealed unsafe partial class CoreImage
{
    private const int PagesPerBatch = 256;
    private const int BytesPerPage = (int)PageSize.Bytes;

    /// <summary>Room for what is copied while the process is stopped. It is written to the file when the process runs again.</summary>
    private const int StagedBytes = 32 << 20;

    private readonly ulong[] _addresses = new ulong[PagesPerBatch];
    private readonly bool[] _wasRead = new bool[PagesPerBatch];
    private readonly byte[] _buffer = GC.AllocateArray<byte>(PagesPerBatch * BytesPerPage, pinned: true);

    private StagedPages _staged = new();
    private SafeFileHandle? _memory;
    private MappedFile? _mappedFile;
    private int _mappedFileIndex = -1;

    /// <summary>Has the memory there that <see cref="CopyFrozen"/> needs, so that no time is lost for it then.</summary>
    internal void PrepareFrozen() => _staged.Prepare(StagedBytes);

    /// <summary>
    /// Copies what <see cref="PlanFrozen"/> has found. As much as there is room for stays in memory until <see cref="WriteStaged"/>: no
    /// disk holds the process up.
    /// </summary>
    /// <param name="hasTime">Whether the stop may last longer; if it may not, some of it is left out.</param>
    /// <returns>False if the program image is gone.</returns>
    internal bool CopyFrozen(Func<bool> hasTime)
    {
        PagesUnreadable = 0;
        foreach (PlannedRange planned in _plan)
        {
            for (ulong start = planned.Range.Start; start <= planned.Range.Last && hasTime();)
            {
                ulong length = Math.Min(planned.Range.Last - start + 1, PagesPerBatch * PageSize.Bytes);
                var part = new AddressRange(start, start + length - 1);
                start += length;
                if (!Read(in planned, part, _buffer))
                    return false;
                int pages = (int)(length / PageSize.Bytes);
                Stage(part, pages);
                PagesCopied += pages;
            }
        }

        CloseFile();
        return true;
    }

    /// <summary>Writes what was copied while the process was stopped.</summary>
    internal void WriteStaged()
    {
        WaitForWriting();
        _writing = Task.CompletedTask;
        // In this order: the other may have newer content of the same pages.
        _beingWritten.Take(Write);
        _staged.Take(Write);
    }

    /// <summary>
    /// One read section: read, write to the file, then count the copy as right unless something came in between.
    /// </summary>
    /// <remarks>
    /// The event fence is checked as well as the section: once an event has been read, the process runs, although the event is not yet an
    /// invalidation. The next step copies again what is not committed here.
    /// </remarks>
    private bool CopyRunning(in PlannedRange planned, Action checkpoint)
    {
        for (ulong start = planned.Range.Start; start <= planned.Range.Last;)
        {
            checkpoint();
            ulong length = Math.Min(planned.Range.Last - start + 1, PagesPerBatch * PageSize.Bytes);
            var part = new AddressRange(start, start + length - 1);
            if (!Watch.Fence.TryObserve(out long fence))
            {
                start += length;
                continue;
            }

            ReadSection section = _notifier.ReadBeginNoWait(planned.Range);
            if (section.Status is ReadStatus.Exited or ReadStatus.Failed)
                return false;
            if (section.Status != ReadStatus.Open)
                return true;
            if (TryFindHole(in planned, start, out AddressRange hole))
            {
                start = hole.Last + 1;
                using (_lock.Hold())
                {
                    if (!section.MustRetry && Watch.Fence.IsUnchangedSince(fence))
                        _held.Set(hole);
                }

                continue;
            }

            start += length;
            if (!Read(in planned, part, _buffer))
                return false;
            Write(part, _buffer.AsSpan(0, (int)length));
            PagesCopied += (long)(length / PageSize.Bytes);
            using (_lock.Hold())
            {
                if (!section.MustRetry && Watch.Fence.IsUnchangedSince(fence))
                    Commit(part);
            }
        }

        return true;
    }

    /// <summary>A hole of the file at the address is one in the core, unless the core has something there already.</summary>
    private bool TryFindHole(in PlannedRange planned, ulong start, out AddressRange hole)
    {
        hole = default;
        if (planned.Source != PageSource.File || FileOf(in planned) is not { } file)
            return false;
        ulong end = file.TryFindData(start, planned.Range.Last, out ulong data) ? data : planned.Range.Last + 1;
        if (end == start)
            return false;
        hole = new AddressRange(start, end - 1);
        if (!_inFile.TryFind(hole, true, out AddressRange written))
            return true;
        if (written.Start <= start)
            return false;
        hole = new AddressRange(start, written.Start - 1);
        return true;
    }

    private void Commit(AddressRange part)
    {
        for (int i = 0; (ulong)i < part.Length / PageSize.Bytes; i++)
        {
            if (_wasRead[i])
                _held.Set(AddressRange.FromLength(part.Start + ((ulong)i * PageSize.Bytes), PageSize.Bytes));
        }
    }

    private void Stage(AddressRange part, int pages)
    {
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, (int)part.Length);
        if (!_staged.TryAdd(part, bytes))
            Write(part, bytes);

        using (_lock.Hold())
            Commit(part);
        for (int i = 0; i < pages; i++)
            PagesUnreadable += _wasRead[i] ? 0 : 1;
    }

    /// <summary>Reads a part of a planned range; pages that cannot be read are zeros.</summary>
    /// <returns>False if the program image is gone.</returns>
    private bool Read(in PlannedRange planned, AddressRange part, byte[] buffer)
    {
        int pages = (int)(part.Length / PageSize.Bytes);
        Span<byte> destination = buffer.AsSpan(0, (int)part.Length);
        if (planned.Source == PageSource.File && FileOf(in planned) is { } file)
        {
            bool isRead = file.Read(part.Start, destination);
            _wasRead.AsSpan(0, pages).Fill(isRead);
            if (!isRead)
                destination.Clear();
            return true;
        }

        if (planned.Source == PageSource.ProtectedMemory)
        {
            ReadProtected(part, destination);
            return true;
        }

        for (int i = 0; i < pages; i++)
            _addresses[i] = part.Start + ((ulong)i * PageSize.Bytes);
        Errno error;
        fixed (byte* start = destination)
            error = Watch.ReadPages(_addresses.AsSpan(0, pages), start, _wasRead);
        for (int i = 0; i < pages; i++)
        {
            if (!_wasRead[i])
                destination.Slice(i * BytesPerPage, BytesPerPage).Clear();
        }

        return error == Errno.None;
    }

    /// <summary>By /proc/PID/mem, which reads what the program has forbidden itself to read.</summary>
    private void ReadProtected(AddressRange part, Span<byte> destination)
    {
        _memory ??= Syscall.OpenForReading(string.Create(CultureInfo.InvariantCulture, $"/proc/{Watch.MemoryId}/mem"), out _);
        fixed (byte* start = destination)
        {
            for (int i = 0; i < destination.Length / BytesPerPage; i++)
            {
                long offset = (long)part.Start + (i * BytesPerPage);
                byte* place = start + (i * BytesPerPage);
                _wasRead[i] = _memory is not null && Syscall.ReadAt(_memory, place, BytesPerPage, offset) == BytesPerPage;
                if (!_wasRead[i])
                    destination.Slice(i * BytesPerPage, BytesPerPage).Clear();
            }
        }
    }

    /// <summary>Writes whole pages to their places; pages of zeros become holes.</summary>
    private void Write(AddressRange range, ReadOnlySpan<byte> bytes)
    {
        for (ulong start = range.Start; start <= range.Last;)
        {
            CorePlace place = _placement.Find(start, range.Last);
            WriteAt(place, bytes.Slice((int)(start - range.Start), (int)place.Length));
            start = place.Last + 1;
        }
    }

    private void WriteAt(CorePlace place, ReadOnlySpan<byte> bytes)
    {
        int begin = 0;
        for (int at = 0; at <= bytes.Length; at += BytesPerPage)
        {
            bool isSkipped = at == bytes.Length
                || (CoreFile.IsZero(bytes.Slice(at, BytesPerPage)) && !_inFile[place.Start + (ulong)at]);
            if (!isSkipped)
                continue;
            if (begin < at)
            {
                _file.Write(bytes[begin..at], place.Offset + begin);
                _inFile.Set(new AddressRange(place.Start + (ulong)begin, place.Start + (ulong)at - 1));
            }

            begin = at + BytesPerPage;
        }
    }

    private MappedFile? FileOf(in PlannedRange planned)
    {
        if (planned.Mapping != _mappedFileIndex)
        {
            CloseFile();
            _mappedFile = MappedFile.Open(Watch.MemoryId, Watch.Mappings[planned.Mapping].Mapping);
            _mappedFileIndex = planned.Mapping;
        }

        return _mappedFile;
    }

    private void CloseFile()
    {
        _mappedFile?.Dispose();
        (_mappedFile, _mappedFileIndex) = (null, -1);
    }

}
