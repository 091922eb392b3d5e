using System.Globalization;

namespace MmuNotifier.Tests.Shared;

/// <summary>A cgroup of our own that processes are put into to be frozen, as a container engine's pause does.</summary>
internal sealed class CgroupFreezer : IDisposable
{
    private readonly string _folder;
    private readonly bool _isSecondVersion;

    private CgroupFreezer(string root, bool isSecondVersion)
    {
        _isSecondVersion = isSecondVersion;
        _folder = string.Create(CultureInfo.InvariantCulture, $"{root}/mmun-test-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Skips the test on a machine that has no such hierarchy, or does not let us use it.</summary>
    internal static CgroupFreezer Create(int version)
    {
        CgroupFreezer? freezer = TryCreate(version);
        Assert.SkipWhen(freezer is null, $"no cgroup hierarchy of version {version} with a freezer that we may write");
        return freezer;
    }

    internal static CgroupFreezer? TryCreate(int version)
    {
        foreach (string mount in File.ReadAllLines("/proc/self/mountinfo"))
        {
            string[] halves = mount.Split(" - ", 2);
            string[] kind = halves[1].Split(' ');
            bool isWanted = version == 2 ? kind[0] == "cgroup2" : kind[0] == "cgroup" && kind[2].Split(',').Contains("freezer");
            if (!isWanted)
                continue;
            try
            {
                return new CgroupFreezer(halves[0].Split(' ')[4], version == 2);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return null;
    }

    internal void Freeze(int processId)
    {
        File.WriteAllText(_folder + "/cgroup.procs", processId.ToString(CultureInfo.InvariantCulture));
        Set(isFrozen: true);
    }

    internal void Thaw() => Set(isFrozen: false);

    public void Dispose()
    {
        Thaw();

        // Empty only when what was in it has ended and was waited for.
        for (int i = 0; i < 200; i++)
        {
            try
            {
                Directory.Delete(_folder);
                return;
            }
            catch (IOException)
            {
                Thread.Sleep(20);
            }
        }
    }

    private void Set(bool isFrozen)
    {
        if (_isSecondVersion)
            File.WriteAllText(_folder + "/cgroup.freeze", isFrozen ? "1" : "0");
        else
            File.WriteAllText(_folder + "/freezer.state", isFrozen ? "FROZEN" : "THAWED");
    }
}
