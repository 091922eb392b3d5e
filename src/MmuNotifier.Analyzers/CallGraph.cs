using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>
/// Which methods, local functions and lambdas of one type, and of the types inside it, call each other directly. A lambda counts as called
/// only where the call is seen; one that is handed to a task runs elsewhere.
/// </summary>
/// <remarks>The compiler adds members concurrently and reads when all are added.</remarks>
internal sealed class CallGraph(EngineSymbols engine)
{
    private readonly ConcurrentBag<Wait> _waits = [];
    private readonly ConcurrentBag<(ISymbol Caller, ISymbol Callee)> _calls = [];

    /// <summary>Lambdas and methods given to a parameter; they are called if the method is seen to call the parameter.</summary>
    private readonly ConcurrentBag<(ISymbol Caller, IParameterSymbol Parameter, ISymbol Function)> _handedDelegates = [];

    private readonly ConcurrentDictionary<ISymbol, bool> _calledParameters = new(SymbolEqualityComparer.Default);

    internal IEnumerable<Wait> Waits => _waits;

    internal void Add(IMethodSymbol method, IEnumerable<IOperation> blocks)
    {
        foreach (IOperation block in blocks)
        {
            foreach (IOperation operation in block.Descendants())
            {
                IMethodSymbol caller = FunctionOf(operation) ?? method;
                if (!RunsAfterAwait(operation, caller))
                    Add(operation, caller);
            }
        }
    }

    /// <summary>All functions that run before a function returns, itself first.</summary>
    internal HashSet<ISymbol> ReachableFrom(IMethodSymbol function) => Reachable.From(function, AllCalls());

    private static IMethodSymbol? FunctionOf(IOperation operation) => operation.EnclosingFunction() switch
    {
        IAnonymousFunctionOperation lambda => lambda.Symbol,
        ILocalFunctionOperation local => local.Symbol,
        _ => null,
    };

    /// <remarks>What follows the first await does not hold up the caller any more; loops back to before it are not looked at.</remarks>
    private static bool RunsAfterAwait(IOperation operation, IMethodSymbol caller)
    {
        if (!caller.IsAsync)
            return false;
        IOperation? function = operation.EnclosingFunction();
        return (function ?? operation.Root()).Descendants().Any(other =>
            other is IAwaitOperation && other.EnclosingFunction() == function && other.Syntax.Span.End <= operation.Syntax.SpanStart);
    }

    private static IMethodSymbol? FunctionIn(IOperation value) => value.WithoutConversions() switch
    {
        IDelegateCreationOperation creation => FunctionIn(creation.Target),
        IAnonymousFunctionOperation lambda => lambda.Symbol,
        IMethodReferenceOperation reference => reference.Method.OriginalDefinition,
        _ => null,
    };

    private IEnumerable<(ISymbol Caller, ISymbol Callee)> AllCalls() => _calls.Concat(_handedDelegates
        .Where(handed => _calledParameters.ContainsKey(handed.Parameter))
        .Select(handed => (handed.Caller, handed.Function)));

    private void Add(IOperation operation, IMethodSymbol caller)
    {
        switch (operation)
        {
            case IInvocationOperation invocation:
                AddInvocation(invocation, caller);
                break;
            case IPropertyReferenceOperation { Property: { } property }:
                AddCall(caller, property.GetMethod);
                AddCall(caller, property.SetMethod);
                break;
            case IObjectCreationOperation creation:
                AddCall(caller, creation.Constructor);
                break;
            case IVariableDeclaratorOperation { Initializer.Value: { } value } declarator:
                AddCall(declarator.Symbol, FunctionIn(value));
                break;
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment:
                AddCall(target.Local, FunctionIn(assignment.Value));
                break;
        }
    }

    private void AddInvocation(IInvocationOperation invocation, IMethodSymbol caller)
    {
        if (engine.Waits(invocation.TargetMethod))
        {
            _waits.Add(new Wait(caller, invocation));
            return;
        }

        if (invocation.TargetMethod.MethodKind == MethodKind.DelegateInvoke)
            AddDelegateCall(invocation, caller);
        AddCall(caller, invocation.TargetMethod);
        bool callsArguments = engine.CallsItsArgument(invocation.TargetMethod);
        foreach (IArgumentOperation argument in invocation.Arguments)
        {
            if (FunctionIn(argument.Value) is not { } function)
                continue;
            if (callsArguments)
                AddCall(caller, function);
            else if (argument.Parameter is { } parameter)
                _handedDelegates.Add((caller, parameter.OriginalDefinition, function));
        }
    }

    private void AddDelegateCall(IInvocationOperation invocation, IMethodSymbol caller)
    {
        switch (invocation.Instance.Receiver())
        {
            case ILocalReferenceOperation local:
                AddCall(caller, local.Local);
                break;
            case IParameterReferenceOperation parameter:
                _calledParameters.TryAdd(parameter.Parameter.OriginalDefinition, true);
                break;
        }
    }

    private void AddCall(ISymbol caller, ISymbol? callee)
    {
        if (callee is not null)
            _calls.Add((caller, callee.OriginalDefinition));
    }

    /// <summary>A call of a method that waits, and the function that it is in.</summary>
    internal readonly struct Wait(IMethodSymbol function, IInvocationOperation invocation)
    {
        internal IMethodSymbol Function { get; } = function;

        internal IInvocationOperation Invocation { get; } = invocation;
    }
}
