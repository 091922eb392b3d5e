using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Cores;

[Collection(PtraceGroup.Name)]
public sealed class CoreTakingTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-taking").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What such a stop copied waits in memory; the next rounds copy newer content, and the core must have that.</summary>
    [Fact]
    public void A_stop_that_came_to_nothing_leaves_no_old_content_in_the_core()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using PythonChild child = PythonChild.StartBehindShell();
        ulong address = child.Address("anon(4096)");
        child.Call($"write({address}, 1)");
        int writes = 0;
        bool hasFailed = false;
        void AfterStep(string step)
        {
            if (step == "copy" && !hasFailed)
            {
                hasFailed = true;
                throw new TargetChangedException("a test");
            }

            if (step == "read mappings" && hasFailed && writes == 1)
            {
                writes++;
                child.Call($"write({address}, 3)");
            }
        }

        bool WriteBeforeTheFirstStop()
        {
            if (writes == 0)
                child.Call($"write({address}, 2)");
            writes = Math.Max(writes, 1);
            return false;
        }

        string path = Path.Combine(_folder, "core");
        using var watcher = new ProcessWatcher { AfterStep = AfterStep };
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { }) { AddMissing = WriteBeforeTheFirstStop };
        CoreFile file = CoreFile.Create(path);
        taking.Add(watch, file);
        taking.Capture();
        watcher.Release(watch);
        CoreResult result = Assert.Single(taking.Finish());
        file.Publish();

        Assert.Equal((2, 2), (result.Report.Stops, writes));
        Assert.Equal([3], ElfFile.Open(path).Read(address, 1)!);
    }

    /// <summary>The second core begins with what the file has of the first one, notes and program headers among it.</summary>
    [Fact]
    public void A_second_core_copies_what_has_changed_and_has_nothing_that_went()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using PythonChild child = PythonChild.StartBehindShell();
        ulong changed = child.Address($"anon({64 * Page})");
        child.Call($"fill({changed}, 1, {64 * Page})");
        ulong excluded = child.Address($"anon({4 * Page})");
        child.Call($"fill({excluded}, 7, {4 * Page})");
        ulong unmapped = child.Address($"anon({16 * Page}, 0x22, -1, 7)");
        child.Call($"fill({unmapped}, 2, {16 * Page})");
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        using var taking = new CoreTaking(watcher, new CoreOptions { MaxStop = Patience.Limit }, () => { });
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);
        (CoreReport first, ElfFile before) = Take(taking, file, "first");

        child.Call($"fill({changed + (3 * Page)}, 3, {Page})");
        child.Call($"munmap({unmapped}, {16 * Page})");
        child.Call($"madvise({excluded}, {4 * Page}, 16)"); // MADV_DONTDUMP
        ulong untouched = child.Address($"anon({256 * Page})");
        (CoreReport second, ElfFile after) = Take(taking, file, "second");
        watcher.Release(watch);

        Assert.Equal([1], before.Read(changed + (3 * Page), 1)!);
        Assert.Equal([7], before.Read(excluded, 1)!);
        Assert.Equal([2], before.Read(unmapped + (15 * Page), 1)!);
        Assert.All(Enumerable.Range(0, 64), page => Assert.Equal(
            [(byte)(page == 3 ? 3 : 1)], after.Read(changed + ((ulong)page * Page), 1)!));
        Assert.Equal(0, after.Read(excluded, 1)?[0] ?? 0);
        Assert.NotEqual([2], after.Read(unmapped + (15 * Page), 1) ?? []); // Another mapping may be there.
        Assert.All(Enumerable.Range(0, 256), page => Assert.Equal(
            new byte[Page], after.Read(untouched + ((ulong)page * Page), (int)Page)!));
        Assert.Equal(first.Threads, after.Notes.Count(note => note.Type == 1)); // NT_PRSTATUS
        long copied = second.PagesCopiedRunning + second.PagesCopiedStopped;
        Assert.True(copied < (first.PagesCopiedRunning + first.PagesCopiedStopped) / 2, $"{copied} pages were copied again.");
    }

    /// <summary>
    /// A garbage collector reserves more than a file can hold, and gives parts of it back without dropping their pages at once.
    /// </summary>
    [Fact]
    public void Of_a_large_reservation_only_the_pages_that_exist_are_in_the_core()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        const ulong length = 64UL << 30, far = 32UL << 30;
        using PythonChild child = PythonChild.StartBehindShell();
        ulong memory = child.Address($"anon({length}, 0x4022)"); // MAP_NORESERVE
        child.Call($"(write({memory + far}, 5), write({memory + far + (2 * Page)}, 6), mprotect({memory}, {length}, 0))[0]");
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        using var taking = new CoreTaking(watcher, new CoreOptions { MaxStop = Patience.Limit }, () => { });
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);

        (_, ElfFile core) = Take(taking, file, "core");

        watcher.Release(watch);
        Assert.InRange(new FileInfo(Path.Combine(_folder, "core")).Length, 0, 1L << 30);
        Assert.Equal([5], core.Read(memory + far, 1)!);
        Assert.Equal([6], core.Read(memory + far + (2 * Page), 1)!);
        Assert.Null(core.Read(memory, 1));
        Assert.Null(core.Read(memory + length - 1, 1));
        ulong covered = 0;
        foreach (ElfFile.Segment segment in core.Segments)
        {
            AddressRange.FromLength(segment.Address, segment.Bytes)
                .TryIntersect(AddressRange.FromLength(memory, length), out AddressRange part);
            covered += part == default ? 0 : part.Length;
        }

        Assert.Equal(length, covered);
    }

    /// <summary>PostgreSQL changes the names of its processes with each command.</summary>
    [Fact]
    public void The_name_is_that_of_the_stop()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using PythonChild child = PythonChild.StartBehindShell();
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { })
        {
            AddMissing = () => child.Call("libc.prctl(15, b'renamed', 0, 0, 0)") != 0,
        };
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);

        (_, ElfFile core) = Take(taking, file, "core");

        watcher.Release(watch);
        byte[] information = core.Notes.Single(note => note.Type == 3).Content; // NT_PRPSINFO
        Assert.Equal("renamed\0"u8, information.AsSpan(40, 8));
    }

    /// <summary>Memory that a garbage collector moves, gives back and takes again, beside the copy.</summary>
    [Fact]
    public void Every_page_is_what_the_process_had_while_it_was_stopped()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using var target = new BusyCollector();
        Dictionary<ulong, byte[]> stopped = [];
        void AfterStep(string step)
        {
            if (step == "copy")
                stopped = target.ReadMemory();
        }

        using var watcher = new ProcessWatcher { AfterStep = AfterStep };
        WatchedProcess watch = watcher.Attach(target.ProcessId);
        var options = new CoreOptions { MaxStop = Patience.Limit, WaitsForCollector = false };
        using var taking = new CoreTaking(watcher, options, () => { });
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);
        for (int round = 0; round < 2; round++)
        {
            (_, ElfFile core) = Take(taking, file, "core");
            Assert.True(stopped.Count > 1000);
            List<ulong> different = [];
            foreach ((ulong address, byte[] page) in stopped)
            {
                if (core.Read(address, page.Length) is { } inCore && !inCore.AsSpan().SequenceEqual(page))
                    different.Add(address);
            }

            Assert.True(
                different.Count == 0, $"{different.Count} of {stopped.Count} pages differ; one is {different.FirstOrDefault():x}.");
        }

        watcher.Release(watch);
    }

    /// <summary>MADV_DONTDUMP and MADV_DODUMP between the last look at a running process and its stop.</summary>
    [Fact]
    public void Memory_that_is_excluded_before_and_after_the_stop_is_left_out()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        const int doNotDump = 16, dump = 17;
        using PythonChild child = PythonChild.StartBehindShell();
        ulong[] regions = [.. Enumerable.Range(0, 4).Select(_ => child.Address($"anon({16 * Page})"))];
        foreach (ulong region in regions)
            child.Call($"madvise({region}, {16 * Page}, {doNotDump})");
        (ulong secret, ulong late, ulong allowed, ulong allowedLate) = (regions[0], regions[1], regions[2], regions[3]);
        child.Call($"fill({secret}, 1, {16 * Page})");
        child.Call($"fill({allowed}, 3, {16 * Page})");
        bool isChanged = false;
        bool ChangeBeforeTheFirstStop()
        {
            if (isChanged)
                return false;
            isChanged = true;
            child.Call($"fill({late}, 2, {16 * Page})");
            child.Call($"madvise({allowed}, {16 * Page}, {dump})");
            child.Call($"madvise({allowedLate}, {16 * Page}, {dump})");
            child.Call($"fill({allowedLate}, 4, {16 * Page})");
            return false;
        }

        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { }) { AddMissing = ChangeBeforeTheFirstStop };
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);
        (CoreReport result, ElfFile core) = Take(taking, file, "core");
        watcher.Release(watch);

        Assert.Equal(2, result.Stops); // The first lacks what was there, left out, and is allowed now.
        Assert.Equal(0, core.Read(secret, 1)?[0] ?? 0);
        Assert.Equal(0, core.Read(late, 1)?[0] ?? 0);
        Assert.Equal([3], core.Read(allowed, 1)!);
        Assert.Equal([4], core.Read(allowedLate + (15 * Page), 1)!);
    }

    /// <summary>
    /// The .NET collector allows reserved memory when it takes it into use, and excludes it again when it gives it back. If the core is
    /// taken in between, smaps says "excluded" both before and after. Here it is excluded all the time, which looks the same.
    /// </summary>
    [Fact]
    public void Excluded_memory_that_is_taken_into_use_before_the_stop_is_in_the_core()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        const int doNotDump = 16;
        using PythonChild child = PythonChild.StartBehindShell();
        ulong reserved = child.Address($"anon({16 * Page})");
        ulong forbidden = child.Address($"anon({16 * Page})");
        child.Call($"fill({forbidden}, 5, {16 * Page})");
        foreach (ulong region in (ulong[])[reserved, forbidden])
        {
            child.Call($"mprotect({region}, {16 * Page}, 0)");
            child.Call($"madvise({region}, {16 * Page}, {doNotDump})");
        }

        bool MakeReadable()
        {
            child.Call($"mprotect({reserved}, {16 * Page}, 3)");
            child.Call($"fill({reserved}, 6, {16 * Page})");
            child.Call($"mprotect({forbidden}, {16 * Page}, 3)");
            return false;
        }

        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { }) { AddMissing = MakeReadable };
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);
        (CoreReport result, ElfFile core) = Take(taking, file, "core");
        watcher.Release(watch);

        Assert.Equal(1, result.Stops);
        Assert.Equal([6], core.Read(reserved + (15 * Page), 1)!);
        Assert.Equal(0, core.Read(forbidden, 1)?[0] ?? 0);
    }

    /// <summary>What is done with a process that writes faster than it is copied; here it writes between the passes.</summary>
    [Fact]
    public void A_pass_in_stops_copies_only_what_was_written_since_the_last_one()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        const int pages = 2000;
        using PythonChild child = PythonChild.StartBehindShell();
        ulong memory = child.Address($"anon({pages * Page})");
        child.Call($"fill({memory}, 1, {pages * Page})");
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = Patience.Limit, MaxThrottle = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { });
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);

        Assert.InRange(taking.MakeThrottledPass(), pages, long.MaxValue);
        child.Call($"fill({memory + (7 * Page)}, 2, {3 * Page})");
        Assert.InRange(taking.MakeThrottledPass(), 3, pages - 1);
        child.Call($"fill({memory + (8 * Page)}, 3, 1)");
        (_, ElfFile core) = Take(taking, file, "core");
        watcher.Release(watch);

        Assert.Equal([1], core.Read(memory + (6 * Page), 1)!);
        Assert.Equal([2], core.Read(memory + (7 * Page), 1)!);
        Assert.Equal([3, 2], core.Read(memory + (8 * Page), 2)!);
        Assert.Equal([1], core.Read(memory + ((pages - 1) * Page), 1)!);
    }

    /// <remarks>The first round takes longer than the process may be slowed down, and the process writes meanwhile.</remarks>
    [Fact]
    public void Rounds_take_as_long_as_they_need_and_only_slowing_down_is_limited()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        const int pages = 20_000;
        using PythonChild child = PythonChild.StartBehindShell();
        ulong memory = child.Address($"anon({pages * Page})");
        child.Call($"fill({memory}, 1, {pages * Page})");
        bool hasWritten = false;
        using var watcher = new ProcessWatcher
        {
            AfterStep = step =>
            {
                if (step != "read pages" || hasWritten)
                    return;
                hasWritten = true;
                Thread.Sleep(20);
                child.Call($"fill({memory}, 2, {pages * Page})");
            },
        };
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = Patience.Limit, MaxThrottle = TimeSpan.FromMilliseconds(10) };
        using var taking = new CoreTaking(watcher, options, () => { });
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);
        (CoreReport report, ElfFile core) = Take(taking, file, "core");
        watcher.Release(watch);

        Assert.True(hasWritten);
        Assert.Equal([2], core.Read(memory + ((pages - 1) * Page), 1)!);
        Assert.Equal(1, report.Stops);
        Assert.InRange(report.PagesCopiedStopped, 0, pages / 2);
    }

    [Fact]
    public void Stops_that_are_too_short_to_copy_anything_are_given_up()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using PythonChild child = PythonChild.StartBehindShell();
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = TimeSpan.Zero, MaxThrottle = TimeSpan.FromDays(1) };
        using var taking = new CoreTaking(watcher, options, () => { });
        taking.Add(watch, CoreFile.CreateUnnamed(_folder));
        Assert.Equal(0, taking.MakeThrottledPass());
        watcher.Release(watch);
    }

    [Fact]
    public void A_copy_that_takes_longer_than_the_stop_may_is_broken_off_and_its_pages_count()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        const int pages = 2000;
        using PythonChild child = PythonChild.StartBehindShell();
        ulong memory = child.Address($"anon({pages * Page})");
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        MemorySharing sharing = watcher.SurveySharing([watch]);
        using var image = new CoreImage(watch, CoreFile.CreateUnnamed(_folder), includesExcluded: true, new SharedMemoryWrites([]));
        Assert.True(image.CopyRunning(sharing, () => { }));
        child.Call($"fill({memory}, 1, {pages * Page})");
        image.PrepareFrozen();

        // It waits for our next line meanwhile, and changes nothing.
        Assert.True(image.TakeBackFrozen(sharing));
        long left = image.PlanFrozen();
        Assert.InRange(left, pages, long.MaxValue);
        int looks = 0;
        long before = image.PagesCopied;
        Assert.True(image.CopyFrozen(() => ++looks <= 2));
        Assert.InRange(image.PagesCopied - before, 1, pages / 2);
        image.WriteStaged();

        // What was written was copied without being armed, and counts as written; the rest is still missing.
        Assert.True(image.CopyRunning(sharing, () => { }));
        Assert.True(image.TakeBackFrozen(sharing));
        left = image.PlanFrozen();
        Assert.InRange(left, 0, pages - 1);
        watcher.Release(watch);
    }

    /// <summary>The machine may be slow, but not faster: the stop always takes longer than it may.</summary>
    [Fact]
    public void A_stop_that_takes_too_long_leaves_no_core()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        var longest = TimeSpan.FromSeconds(2);
        using PythonChild child = PythonChild.StartBehindShell();
        using var watcher = new ProcessWatcher
        {
            AfterStep = step =>
            {
                if (step == "plan")
                    Thread.Sleep(longest);
            },
        };
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        var options = new CoreOptions { MaxStop = longest, MaxThrottle = TimeSpan.Zero };
        using var taking = new CoreTaking(watcher, options, () => { });
        taking.Add(watch, CoreFile.CreateUnnamed(_folder));
        CoreException refusal = Assert.Throws<CoreException>(taking.Capture);
        Assert.Contains("with a stop of at most 2000 ms", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(taking.Finish);
        watcher.Release(watch);
    }

    [Theory]
    [InlineData("freeze")]
    [InlineData("look")]
    [InlineData("plan")]
    [InlineData("copy")]
    public void A_process_that_is_killed_in_the_stop_is_one_message_and_no_core(string lastStep)
    {
        using PythonChild child = PythonChild.StartBehindShell();
        AssertNoCoreIfKilled((int)child.Call("os.getpid()"), lastStep, SuddenDeath.Of);
    }

    /// <summary>Its registers are asked for at once.</summary>
    [Fact]
    public void A_dotnet_process_that_is_killed_in_the_stop_is_one_message_and_no_core()
    {
        using var target = new BusyCollector();
        AssertNoCoreIfKilled(target.ProcessId, "freeze", _ => target.Kill());
    }

    private void AssertNoCoreIfKilled(int processId, string lastStep, Action<int> kill)
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        using var watcher = new ProcessWatcher
        {
            AfterStep = step =>
            {
                if (step == lastStep)
                    kill(processId);
            },
        };
        WatchedProcess watch = watcher.Attach(processId);
        var options = new CoreOptions { MaxStop = Patience.Limit, MaxThrottle = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { });
        taking.Add(watch, CoreFile.CreateUnnamed(_folder));
        CoreException refusal = Assert.Throws<CoreException>(taking.Capture);
        Assert.Contains("has ended", refusal.Message, StringComparison.Ordinal);
        watcher.Release(watch);
    }

    /// <summary>Mappings are counted, and this one has the place and the number of one that has gone.</summary>
    [Fact]
    public void Pages_of_a_file_that_is_mapped_in_place_of_another_are_read_from_it()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        const int length = 16 * (int)Page;
        string[] files = [.. Enumerable.Range(1, 2).Select(i => Path.Combine(_folder, $"file{i}"))];
        for (int i = 0; i < files.Length; i++)
            File.WriteAllBytes(files[i], [.. Enumerable.Repeat((byte)(i + 1), length)]);
        using PythonChild child = PythonChild.StartBehindShell();
        using var watcher = new ProcessWatcher();
        WatchedProcess watch = watcher.Attach((int)child.Call("os.getpid()"));
        // Above all files, so that it is the last one that is read.
        string lastFile = File.ReadLines($"/proc/{watch.ProcessId}/maps").Last(line => line.Contains(" /", StringComparison.Ordinal));
        ulong above = Convert.ToUInt64(lastFile.Split('-', ' ')[1], 16) + (64 * Page);
        Map(files[0]);
        bool isReplaced = false;
        bool ReplaceBeforeTheFirstStop()
        {
            if (isReplaced)
                return false;
            isReplaced = true;
            Assert.Equal(0, child.Call($"libc.munmap({above}, {length})"));
            Map(files[1]);
            return true; // Another round is made.
        }

        var options = new CoreOptions { MaxStop = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { }) { AddMissing = ReplaceBeforeTheFirstStop };
        CoreFile file = CoreFile.CreateUnnamed(_folder);
        taking.Add(watch, file);
        (_, ElfFile core) = Take(taking, file, "core");
        watcher.Release(watch);

        Assert.Equal([.. Enumerable.Repeat((byte)2, length)], core.Read(above, length)!);

        void Map(string file) => Assert.Equal(
            above, child.Address($"libc.mmap({above}, {length}, 1, 0x100002, os.open('{file}', os.O_RDONLY), 0)"));
    }

    private (CoreReport Result, ElfFile Core) Take(CoreTaking taking, CoreFile file, string name)
    {
        taking.Capture();
        CoreResult result = Assert.Single(taking.Finish());
        string path = Path.Combine(_folder, name);
        using (CoreFile copy = CoreFile.Create(path))
        {
            file.CopyTo(copy, () => { });
            copy.Publish();
        }

        return (result.Report, ElfFile.Open(path));
    }
}
