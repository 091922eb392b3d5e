namespace MmuNotifier.Caching;

/// <summary>The state of a load that is to know when its value is kept.</summary>
internal interface IKeepObserver<in T>
{
    /// <summary>After the attempt was committed, before its callers have the value. Under no lock. Does not throw.</summary>
    void OnKept(T value);
}
