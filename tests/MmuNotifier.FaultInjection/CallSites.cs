using System.Reflection;
using System.Reflection.Emit;

namespace MmuNotifier.FaultInjection;

/// <summary>Every method of the product that calls the layer of system calls, found in its code.</summary>
internal static class CallSites
{
    private const BindingFlags Everything =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> s_layer = ["Syscall", "UringCalls"];

    /// <summary>Helpers of the layer that make no call.</summary>
    private static readonly HashSet<string> s_noCalls =
        ["ErrorOf", "OrError", "NameOf", "NameOfIoctl", "NameOfPtrace", "FailsCall", "FailsIoctl", "ThrowIfInjected"];

    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Caller and the layer's method.</summary>
    internal static SortedSet<(string Caller, string Call)> Find(params IEnumerable<Assembly> assemblies)
    {
        var found = new SortedSet<(string, string)>();
        foreach (Type type in assemblies.SelectMany(assembly => assembly.GetTypes()))
        {
            foreach (MethodBase method in type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)))
            {
                if (s_layer.Contains(CallSite.TypeOf(method)))
                    continue;
                foreach (MethodBase callee in CalleesOf(method))
                {
                    if (s_layer.Contains(CallSite.TypeOf(callee)) && !s_noCalls.Contains(callee.Name))
                        found.Add(($"{CallSite.TypeOf(method)}.{CallSite.NameOf(method)}", callee.Name));
                }
            }
        }

        return found;
    }

    private static IEnumerable<MethodBase> CalleesOf(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | code[at++]);
            OpCode operation = s_opCodes[value];
            if (operation.OperandType == OperandType.InlineMethod
                && Resolve(method.Module, BitConverter.ToInt32(code, at), ofType, ofMethod) is { } callee)
                yield return callee;
            at += SizeOf(operation, code, at);
        }
    }

    private static MethodBase? Resolve(Module module, int token, Type[]? ofType, Type[]? ofMethod)
    {
        try
        {
            return module.ResolveMethod(token, ofType, ofMethod);
        }
        catch (Exception exception) when (
            exception is ArgumentException or BadImageFormatException or TypeLoadException or FileNotFoundException)
        {
            return null;
        }
    }

    private static int SizeOf(OpCode operation, byte[] code, int at) => operation.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}
