namespace MmuNotifier.Caching;

/// <summary>The state of a load that has a say in how long its value is kept, and is to know when it is.</summary>
internal interface IKeepObserver<in T>
{
    /// <summary>How long the value of the last attempt may be kept at most; null if the terms of the load alone decide.</summary>
    TimeSpan? LongestKept { get; }

    /// <summary>After the attempt was committed, before its callers have the value. Under no lock. Does not throw.</summary>
    void OnKept(T value);
}
