using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace MmuNotifier;

/// <summary>
/// Whether misuse is looked for: calls that wait from inside user code that the engine calls, or under locks that such code takes. Fixed
/// for the life of the process: the JIT, the trimmer and the AOT compiler take the code behind it away where it is off.
/// </summary>
internal static class MisuseValidation
{
    private const string SwitchName = "MmuNotifier.MisuseValidation.IsSupported";

    [FeatureSwitchDefinition(SwitchName)]
    public static bool IsEnabled { get; } = AppContext.TryGetSwitch(SwitchName, out bool isEnabled)
        ? isEnabled
        : Debugger.IsAttached || IsDebugBuild(Assembly.GetEntryAssembly());

    private static bool IsDebugBuild(Assembly? application) =>
        application?.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };
}
