extern alias iouring;
extern alias tool;
using System.Collections.Concurrent;
using System.Reflection;

namespace MmuNotifier.FaultInjection;

/// <summary>Decides for each system call of this process whether it fails, and notes where calls come from.</summary>
internal sealed class Injector
{
    private readonly Lock _lock = new();
    private FaultCase? _case;
    private int _passed;
    private bool _isArmed;

    internal ConcurrentDictionary<CallSite, int> Reached { get; } = new();

    /// <summary>How often the call has failed.</summary>
    internal int Fired { get; private set; }

    /// <summary>
    /// Ends the target. That a thread is gone, when it is traced, is made true before a call says so: the kernel says it at no other time.
    /// </summary>
    internal Action? KillTarget { get; set; }

    /// <summary>Whether the target was ended.</summary>
    internal bool HasKilledTarget { get; private set; }

    /// <summary>Makes all calls of the product pass here.</summary>
    internal void Install()
    {
        if (!Linux.FaultInjection.IsSupported)
            throw new InvalidOperationException("The switch MmuNotifier.FaultInjection.IsSupported is off.");
        Linux.FaultInjection.Plan = Plan;
        InstallIn(typeof(iouring::MmuNotifier.IoUring.IoUringBufferRegistry).Assembly);
        InstallIn(typeof(tool::MmuNotifier.Tool.Device.DeviceServer).Assembly);
    }

    internal void Arm(FaultCase? faultCase)
    {
        lock (_lock)
        {
            _case = faultCase;
            _passed = 0;
            Fired = 0;
            HasKilledTarget = false;
            _isArmed = true;
        }
    }

    internal void Disarm()
    {
        lock (_lock)
            _isArmed = false;
    }

    /// <summary>The same for an assembly that contains the hook once more.</summary>
    private void InstallIn(Assembly assembly) => assembly.GetType(typeof(Linux.FaultInjection).FullName!)!
        .GetProperty(nameof(Linux.FaultInjection.Plan), BindingFlags.Static | BindingFlags.NonPublic)!
        .SetValue(null, (Func<string, int>)Plan);

    private static bool IsGone(FaultCase fault)
    {
        const int noProcess = 3, noChild = 10;
        return (fault.Error == noProcess && fault.Site.Call.StartsWith("PTRACE_", StringComparison.Ordinal))
            || fault is { Error: noChild, Site.Call: "waitid" };
    }

    private int Plan(string call)
    {
        if (!_isArmed || (_case is { } fault && fault.Site.Call != call))
            return 0;
        CallSite site = CallSite.Here(call);
        lock (_lock)
        {
            if (!_isArmed)
                return 0;
            if (_case is not { } wanted)
            {
                Reached.AddOrUpdate(site, 1, static (_, count) => count + 1);
                return 0;
            }

            if (wanted.Site != site || _passed++ < wanted.Skip || (Fired > 0 && !wanted.IsLasting))
                return 0;
            Fired++;
            if (KillTarget is { } kill && IsGone(wanted))
            {
                kill();
                HasKilledTarget = true;
            }

            return wanted.Error;
        }
    }
}
