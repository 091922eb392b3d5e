using MmuNotifier;

var space = new AddressSpace();
var mirror = new Mirror();
space.Insert(mirror, AddressRange.FromLength(0x10000, 0x4000));
using (space.StartInvalidation(new AddressRange(0x11000, 0x11fff), InvalidationEvent.Unmap)) { /* change the memory here */ }
sealed class Mirror : IntervalNotifier { protected override InvalidateResult Invalidate(in Invalidation i) { Console.WriteLine($"drop {i.Overlap}"); return InvalidateResult.Done; } }
