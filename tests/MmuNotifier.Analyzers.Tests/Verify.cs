using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace MmuNotifier.Analyzers.Tests;

/// <summary>
/// Analyses a piece of code that uses the engine. What is marked <c>[|so|]</c> or <c>{|MMUN001:so|}</c> must be found, and nothing else.
/// </summary>
internal static class Verify
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Threading;
        using System.Threading.Tasks;
        using MmuNotifier;

        """;

    /// <summary>The assemblies that this process runs on, and the engine: nothing has to be fetched.</summary>
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "MmuNotifier.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    internal static Task Finds<TAnalyzer>(string code, params DiagnosticResult[] expected)
        where TAnalyzer : DiagnosticAnalyzer, new()
    {
        var test = new Test<TAnalyzer, EmptyCodeFixProvider> { TestCode = Usings + code };
        test.ExpectedDiagnostics.AddRange(expected);
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>As <see cref="Finds"/>, in several files.</summary>
    internal static Task FindsInFiles<TAnalyzer>(params string[] files)
        where TAnalyzer : DiagnosticAnalyzer, new()
    {
        var test = new Test<TAnalyzer, EmptyCodeFixProvider>();
        foreach (string file in files)
            test.TestState.Sources.Add(Usings + file);
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    internal static Task Fixes<TAnalyzer, TFix>(string code, string fixedCode)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new()
    {
        var test = new Test<TAnalyzer, TFix> { TestCode = Usings + code, FixedCode = Usings + fixedCode };
        // What has no fix is still found afterwards.
        if (code == fixedCode)
            test.FixedState.MarkupHandling = MarkupMode.Allow;
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Test<TAnalyzer, TFix> : CSharpCodeFixTest<TAnalyzer, TFix, DefaultVerifier>
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new()
    {
        internal Test()
        {
            ReferenceAssemblies = new ReferenceAssemblies("net10.0");
            TestState.AdditionalReferences.AddRange(References);
            TestState.OutputKind = OutputKind.DynamicallyLinkedLibrary;
        }

        protected override ParseOptions CreateParseOptions() =>
            ((CSharpParseOptions)base.CreateParseOptions()).WithLanguageVersion(LanguageVersion.Latest);

        protected override CompilationOptions CreateCompilationOptions() =>
            base.CreateCompilationOptions() is CSharpCompilationOptions options
                ? options.WithNullableContextOptions(NullableContextOptions.Enable).WithAllowUnsafe(true)
                : throw new InvalidOperationException("Not a C# test.");
    }
}
