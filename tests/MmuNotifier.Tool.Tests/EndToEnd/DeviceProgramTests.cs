namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>Programs written against the kernel's mirror device, run by mmun device. Each says itself what failed, with its line.</summary>
[Collection(EndToEndGroup.Name)]
public class DeviceProgramTests
{
    [Fact]
    public void Reads_and_writes_with_their_faults_and_errors() => Succeed("access");

    [Fact]
    public void Migration_and_touches_that_bring_pages_back() => Succeed("migrate");

    [Fact]
    public void Exclusive_access_and_its_revocation() => Succeed("exclusive");

    [Fact]
    public void Snapshots_show_what_is_there_and_fault_nothing() => Succeed("snapshot");

    [Fact]
    public void Forks_with_own_and_inherited_devices() => Succeed("fork");

    [Fact]
    public void Unmapping_moving_dropping_and_reuse_of_addresses() => Succeed("mappings");

    [Fact]
    public void Shared_memory_that_is_mapped_twice_by_mremap() => Succeed("duplicates");

    [Fact]
    public void Moves_of_memory_that_the_device_has_registered_in_part() => Succeed("moved");

    [Fact]
    public void A_write_to_what_the_program_has_protected_is_refused() => Succeed("protected");

    [Theory]
    [InlineData("0", "write")]
    [InlineData("0", "unmap")]
    [InlineData("0", "move")]
    [InlineData("0", "rest")]
    [InlineData("2", "write")]
    [InlineData("2", "move")]
    public void Several_opens_of_one_device_against_changes_at_addresses_never_used_before(string device, string race) =>
        Succeed("races", device, "3", race);

    [Fact]
    public void Files_and_shared_memory() => Succeed("files");

    [Fact]
    public void Transparent_huge_pages() => Succeed("huge");

    [Fact]
    public void Reserved_huge_pages() => Succeed("huge", "hugetlb");

    [Fact]
    public void Memory_that_the_program_watches_itself() => Succeed("watched");

    [Fact]
    public void Coherent_devices() => Succeed("coherent");

    [Fact]
    public void Two_devices_of_one_program() => Succeed("two");

    [Fact]
    public void Threads_signals_and_forks_at_once() => Succeed("threads");

    [Fact]
    public void Descriptors_are_like_any_other() => Succeed("descriptors");

    [Fact]
    public void A_process_of_another_user_is_refused() => Succeed("stranger");

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Processes_that_are_killed_half_way_leave_nothing_behind(string seed) => Succeed("killed", seed);

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Random_changes_accesses_and_migrations_by_several_threads(string seed) => Succeed("storm", seed);

    [Fact]
    public void A_program_that_checks_its_arguments_to_open()
    {
        // With _FORTIFY_SOURCE the C library's headers call other functions than open.
        using var program = new DeviceProgram("descriptors", "-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2");
        program.Succeed();
    }

    [Fact]
    public void A_program_outlives_the_device_process()
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        const int killed = 137;
        using var program = new DeviceProgram("orphan");
        using Mmun mmun = Mmun.Run("device", "--", program.Path);
        Assert.Equal(killed, mmun.WaitForExit());
        Assert.Equal("ok", mmun.Output.Trim());
        Assert.Equal("", mmun.Error);
    }

    private static void Succeed(string name, params string[] arguments)
    {
        using var program = new DeviceProgram(name);
        program.Succeed(arguments);
    }
}
