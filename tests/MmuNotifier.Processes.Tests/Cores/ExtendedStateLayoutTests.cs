using System.Buffers.Binary;

namespace MmuNotifier.Processes.Tests.Cores;

public class ExtendedStateLayoutTests
{
    private static readonly Dictionary<int, int> s_amd = new() { [5] = 832, [6] = 896, [7] = 1408, [9] = 2432 };

    [Theory]
    [InlineData(0xe7, 2432, 2688)]
    [InlineData(0x2e7, 2440, 2696)]
    public void The_state_of_an_AMD_processor_gets_the_gap_that_debuggers_expect(ulong enabled, int length, int expected)
    {
        byte[] state = State(enabled, length);
        byte[] moved = ExtendedStateLayout.Expected(state, feature => s_amd.GetValueOrDefault(feature));

        Assert.Equal(expected, moved.Length);
        Assert.Equal(state[..832], moved[..832]);
        Assert.Equal(state[832..896], moved[1088..1152]);
        Assert.Equal(state[896..1408], moved[1152..1664]);
        Assert.Equal(state[1408..2432], moved[1664..2688]);
        Assert.Equal(state[2432..], moved[2688..]);
    }

    [Theory]
    [InlineData(0xe7, 1088)]
    [InlineData(0x7, 832)]
    public void Any_other_state_stays_as_it_is(ulong enabled, int offset)
    {
        byte[] state = State(enabled, 2688);
        Assert.Same(state, ExtendedStateLayout.Expected(state, feature => feature == 5 ? offset : 0));
    }

    private static byte[] State(ulong enabled, int length)
    {
        byte[] state = new byte[length];
        new Random(1).NextBytes(state);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(464), enabled);
        return state;
    }
}
