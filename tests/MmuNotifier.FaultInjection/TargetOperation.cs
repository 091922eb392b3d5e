namespace MmuNotifier.FaultInjection;

/// <summary>An operation on another process, which is used for several cases.</summary>
internal abstract class TargetOperation(string program) : Operation
{
    /// <summary>
    /// A failure in the middle of a call made in the target may leave a signal frame on its stack, which has room for some only.
    /// </summary>
    private const int CasesPerTarget = 8;

    private Target? _target;
    private int _cases;

    protected Target Target => _target ?? throw new InvalidOperationException("No target.");

    internal override string? Run(Injector injector, FaultCase? faultCase)
    {
        if (_cases++ % CasesPerTarget == 0)
        {
            _target?.Dispose();
            _target = null;
        }

        _target ??= new Target(program);
        injector.KillTarget = _target.Kill;
        string? problem = RunOn(injector, faultCase);
        injector.KillTarget = null;
        if (injector.HasKilledTarget)
            Dispose();
        return problem;
    }

    internal override string? FindHarm()
    {
        string? harm = _target?.FindHarm();
        if (harm is not null)
            Dispose();
        return harm;
    }

    public override void Dispose()
    {
        _target?.Dispose();
        _target = null;
        _cases = 0;
        base.Dispose();
    }

    protected abstract string? RunOn(Injector injector, FaultCase? faultCase);
}
