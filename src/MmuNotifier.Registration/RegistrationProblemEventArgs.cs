namespace MmuNotifier.Registration;

/// <summary>What went wrong; see <see cref="RegistrationCache{TRegistration}.ProblemOccurred"/>.</summary>
/// <param name="problem">What kind of problem.</param>
/// <param name="message">For people.</param>
/// <param name="exception">What was thrown, if anything was.</param>
public sealed class RegistrationProblemEventArgs(RegistrationProblem problem, string message, Exception? exception) : EventArgs
{
    /// <summary>What kind of problem.</summary>
    public RegistrationProblem Problem { get; } = problem;

    /// <summary>For people.</summary>
    public string Message { get; } = message;

    /// <summary>What was thrown, if anything was.</summary>
    public Exception? Exception { get; } = exception;
}
