using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>
/// Lets a test make system calls fail. Every call of the Linux projects passes here; without the switch, which only the injector of the
/// tests sets, the question is a constant, and the code behind it is trimmed away. Compiled into MmuNotifier.IoUring and the tool too.
/// </summary>
internal static class FaultInjection
{
    /// <summary>Whether calls can be made to fail at all.</summary>
    [FeatureSwitchDefinition("MmuNotifier.FaultInjection.IsSupported")]
    internal static bool IsSupported { get; } = AppContext.TryGetSwitch("MmuNotifier.FaultInjection.IsSupported", out bool isOn) && isOn;

    /// <summary>Gets the name of a call before it is made, on its thread; answers the error it fails with, or 0.</summary>
    internal static Func<string, int>? Plan { get; set; }

    /// <summary>Whether the call fails without being made; the result is then the error, negated.</summary>
    internal static bool Fails(string call, out long result)
    {
        int error = IsSupported && Plan is { } plan ? plan(call) : 0;
        result = -error;
        return error != 0;
    }

    /// <summary>The same for a call whose error is left in errno; the result is then -1.</summary>
    internal static bool FailsWithErrno(string call)
    {
        if (!IsSupported || !Fails(call, out long result))
            return false;
        Marshal.SetLastPInvokeError((int)-result);
        return true;
    }
}
