using MmuNotifier.Linux;

namespace MmuNotifier.Tests.Shared;

/// <summary>
/// Messages as no kernel should send them: every number of an event, with values that are 0, not aligned, at the end of the address space,
/// or such that a range wraps around; and ordinary ones among them.
/// </summary>
internal static class ForgedMessages
{
    private const int Seeds = 5;
    private const int MessagesPerSeed = 400;

    private static readonly ulong[] s_values =
    [
        0, 1, 4095, 4096, 4097, 0x7000_0000_0000, 0x7000_0000_0001, 0x7FFF_FFFF_E000, 0x7FFF_FFFF_F000, 1UL << 47, (1UL << 56) - 4096,
            1UL << 56,
        (1UL << 63) - 4096, (1UL << 63) - 1, 1UL << 63, (1UL << 63) + 4096, ulong.MaxValue - 8191, ulong.MaxValue - 4095, ulong.MaxValue,
    ];

    // None that this process has open: the reader of the event closes it.
    private static readonly ulong[] s_descriptors = [1_000_003, int.MaxValue, 0x8000_0000, uint.MaxValue];

    /// <summary>The kernel's numbers, and two that it does not have.</summary>
    private static readonly byte[] s_numbers =
    [
        UserfaultMessage.PageFault, UserfaultMessage.Fork, UserfaultMessage.Remap, UserfaultMessage.Remove, UserfaultMessage.Unmap, 0x17,
            0xF1,
    ];

    /// <summary>Every kind with every combination of the values.</summary>
    internal static IEnumerable<UserfaultMessage> All()
    {
        foreach (byte number in s_numbers)
        {
            foreach (ulong first in number == UserfaultMessage.Fork ? s_descriptors : s_values)
            {
                foreach (ulong second in s_values)
                {
                    foreach (ulong length in s_values)
                        yield return Make(number, first, second, length);
                }
            }
        }
    }

    /// <summary>Random ones of several seeds, one behind the other.</summary>
    internal static IEnumerable<UserfaultMessage> Seeded() => Enumerable.Range(0, Seeds).SelectMany(seed => Random(seed, MessagesPerSeed));

    internal static UserfaultMessage[] Random(int seed, int count)
    {
        var random = new Random(seed);
        var messages = new UserfaultMessage[count];
        for (int i = 0; i < count; i++)
        {
            byte number = random.Next(4) == 0 ? (byte)random.Next(256) : s_numbers[random.Next(s_numbers.Length)];
            ulong first = number == UserfaultMessage.Fork ? s_descriptors[random.Next(s_descriptors.Length)] : ValueOf(random);
            messages[i] = Make(number, first, ValueOf(random), ValueOf(random));
        }

        return messages;
    }

    private static UserfaultMessage Make(byte number, ulong first, ulong second, ulong length) =>
        new() { Number = number, First = first, Second = second, LengthBytes = length };

    private static ulong ValueOf(Random random) => random.Next(4) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => 0x7000_0000_0000 + ((ulong)random.Next(4096) * 4096),
        _ => s_values[random.Next(s_values.Length)],
    };
}
