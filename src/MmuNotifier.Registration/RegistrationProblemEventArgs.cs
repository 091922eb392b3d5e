namespace MmuNotifier.Registration;

/// <summary>What went wrong: the argument of <see cref="RegistrationCache{TRegistration}.ProblemOccurred"/>.</summary>
public sealed class RegistrationProblemEventArgs : EventArgs
{
    internal RegistrationProblemEventArgs(RegistrationProblem problem, string message, Exception? exception)
    {
        Problem = problem;
        Message = message;
        Exception = exception;
    }

    /// <summary>What kind of problem.</summary>
    public RegistrationProblem Problem { get; }

    /// <summary>The problem in a sentence, with the range where there is one.</summary>
    public string Message { get; }

    /// <summary>The exception that the provider threw; null for other problems.</summary>
    public Exception? Exception { get; }
}
