namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>A rule of the second level that the model can leave out. docs/caching-redis.md has each with its reason.</summary>
public enum LevelRule
{
    /// <summary>Nothing is left out.</summary>
    None,

    /// <summary>A value is stamped with the position from before its load, not with the one from when it is stored.</summary>
    StampFromBegin,

    /// <summary>A reader uses a value only if none of its names was invalidated after the stamp.</summary>
    StampIsChecked,

    /// <summary>A reader checks after its section has begun.</summary>
    CheckInsideSection,

    /// <summary>An entry is recorded in the index before it is applied.</summary>
    RecordBeforeApplying,

    /// <summary>A value older than what the index remembers is not used.</summary>
    FloorRefuses,

    /// <summary>The stamp has the epoch.</summary>
    StampHasEpoch,

    /// <summary>A load that collided is neither kept nor handed on as good.</summary>
    ReaderCollides,
}
