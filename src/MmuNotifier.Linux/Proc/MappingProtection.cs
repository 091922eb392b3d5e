namespace MmuNotifier.Linux;

/// <summary>What a mapping permits.</summary>
[Flags]
internal enum MappingProtection : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}
