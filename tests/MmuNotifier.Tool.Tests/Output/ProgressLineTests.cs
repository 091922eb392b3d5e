using MmuNotifier.Tool.Output;

namespace MmuNotifier.Tool.Tests.Output;

public class ProgressLineTests
{
    private readonly ManualTime _time = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Nothing_is_shown_in_the_first_second()
    {
        using (ProgressLine.Begin(_ => "half", _error, _time))
            Assert.Equal(TimeSpan.FromSeconds(1), _time.DueTime);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void Each_text_takes_the_place_of_the_one_before_and_the_last_is_taken_away()
    {
        int done = 0;
        using (ProgressLine.Begin(_ => $"{++done} of 9", _error, _time))
        {
            _time.Fire();
            _time.Fire();
        }

        _time.Fire();
        Assert.Equal("\r\u001b[Kmmun: 1 of 9\r\u001b[Kmmun: 2 of 9\r\u001b[K", _error.ToString());
    }

    [Fact]
    public void A_text_is_cut_where_the_terminal_ends()
    {
        using (ProgressLine.Begin(_ => new string('x', 100_000), _error, _time))
            _time.Fire();
        Assert.InRange(_error.ToString().Length, 20, 10_000);
    }

    private sealed class ManualTime : TimeProvider
    {
        private Action? _fire;

        internal TimeSpan DueTime { get; private set; }

        internal void Fire() => _fire!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            DueTime = dueTime;
            _fire = () => callback(state);
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
