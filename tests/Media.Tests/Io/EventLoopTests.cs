using Comms.Media.Fanout;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Io;

public sealed class EventLoopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly EventLoop _loop = new(0, NullLogger.Instance);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task Commands_run_on_the_loop_in_the_order_of_posting()
    {
        _loop.Start();
        var seen = new List<int>();
        for (int i = 0; i < 1_000; i++)
        {
            int number = i;
            Assert.True(_loop.Post(_ => seen.Add(number)));
        }

        Assert.True(await _loop.CallAsync(_ => _loop.IsOnLoop, false).WaitAsync(Patience));
        Assert.Equal(Enumerable.Range(0, 1_000), seen);
        Assert.False(_loop.IsOnLoop);
    }

    [Fact]
    public async Task A_fault_in_a_command_is_counted_and_the_loop_goes_on()
    {
        _loop.Start();
        _loop.Post(_ => throw new InvalidOperationException("deliberate"));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _loop.CallAsync<int>(_ => throw new InvalidOperationException("deliberate"), 0)).WaitAsync(Patience);
        Assert.Equal(5, await _loop.CallAsync(_ => 5, 0).WaitAsync(Patience));
        Assert.Equal(2, _loop.Faults);
    }

    [Fact]
    public async Task A_command_for_an_ended_loop_is_refused()
    {
        _loop.Start();
        _loop.Dispose();
        Assert.False(_loop.Post(_ => { }));
        Assert.Equal(-1, await _loop.CallAsync(_ => 1, -1).WaitAsync(Patience));
    }

    [Fact]
    public async Task Commands_over_the_bound_are_refused()
    {
        for (int i = 0; i < EventLoop.MaxQueuedCommands; i++) Assert.True(_loop.Post(_ => { }));
        Assert.False(_loop.Post(_ => { }));
        _loop.Start();
        while (_loop.QueuedCommands > 0) await Task.Yield();
        Assert.True(_loop.Post(_ => { }));
    }

    [Fact]
    public async Task Timers_fire_and_long_work_is_sliced_between_them()
    {
        _loop.Start();
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = new EndlessWork();
        _loop.Post(now =>
        {
            _loop.Schedule(work);
            _loop.Timers.Arm(new LoopTimer(new Callback(() => done.TrySetResult(work.Slices))), now.AddMs(20));
        });
        int slices = await done.Task.WaitAsync(Patience);
        Assert.True(slices > 1);
        _loop.Post(_ => work.Stop = true);
    }

    [Fact]
    public async Task Frames_cross_from_one_loop_to_another_in_order_and_a_full_ring_refuses()
    {
        using var other = new EventLoop(1, NullLogger.Instance);
        var carrier = new LoopMesh([_loop, other], 16).CarrierOf(_loop);
        var receiver = new FrameRecorder(40);
        int sent = 0;
        bool refused = false;
        _loop.Start();
        await _loop.CallAsync(_ =>
        {
            while (carrier.TryCarry(1, receiver, new FrameHeader { Number = sent }, [(byte)sent])) sent++;
            refused = true;
            return 0;
        }, 0).WaitAsync(Patience);
        Assert.True(refused);
        Assert.Equal(16, sent);
        other.Start();
        while (sent < 40)
        {
            await _loop.CallAsync(_ =>
            {
                while (sent < 40 && carrier.TryCarry(1, receiver, new FrameHeader { Number = sent }, [(byte)sent])) sent++;
                return 0;
            }, 0).WaitAsync(Patience);
        }

        await receiver.Complete.Task.WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 40), receiver.Seen);
        Assert.False(carrier.TryCarry(1, receiver, default, new byte[FrameLimits.MaxPayloadBytes + 1]));
    }

    private sealed class FrameRecorder(int expected) : IFrameReceiver
    {
        public List<int> Seen { get; } = [];

        public TaskCompletionSource Complete { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
        {
            Assert.Equal((byte)header.Number, payload[0]);
            Seen.Add((int)header.Number);
            if (Seen.Count == expected) Complete.TrySetResult();
        }
    }

    private sealed class EndlessWork : ILoopWork
    {
        public bool Stop { get; set; }

        public int Slices { get; private set; }

        public LoopWorkState RunSlice(Instant now)
        {
            Slices++;
            return Stop ? LoopWorkState.Done : LoopWorkState.More;
        }
    }

    private sealed class Callback(Action action) : ILoopTimerOwner
    {
        public void OnTimer(LoopTimer timer, Instant now) => action();
    }
}
