using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

public class FrameStoreTests
{
    private const int MoreThanASlab = 1300;

    [Theory]
    [InlineData(4096)]
    [InlineData(16)]
    public void Frames_are_distinct_and_keep_their_bytes_while_others_come_and_go(int frameBytes)
    {
        using var frames = new FrameStore(frameBytes);
        var random = new Random(3);
        var model = new Dictionary<int, byte>();
        for (int step = 0; step < 20_000; step++)
        {
            if (model.Count < MoreThanASlab && random.Next(3) != 0)
            {
                int frame = frames.Allocate();
                byte value = (byte)random.Next(256);
                frames.Bytes(frame).Fill(value);
                Assert.True(model.TryAdd(frame, value), "a frame was given twice");
            }
            else if (model.Count > 0)
            {
                (int frame, byte value) = model.ElementAt(random.Next(model.Count));
                Assert.Equal(frameBytes, frames.Bytes(frame).Length);
                Assert.False(frames.Bytes(frame).ContainsAnyExcept(value));
                frames.Free(frame);
                model.Remove(frame);
            }

            Assert.Equal(model.Count, frames.Used);
        }
    }
}
