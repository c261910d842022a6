using Comms.Media.Fanout;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public class MediaTapQueueTests
{
    [Fact]
    public void A_full_queue_refuses_and_counts_and_the_rest_is_read_in_order()
    {
        var queue = new MediaTapQueue(8);
        for (int i = 0; i < 10; i++) Assert.Equal(i < 8, queue.TryTap("fire", new FrameHeader { Number = i }, [(byte)i]));
        Assert.Equal(2, queue.Refused);
        byte[] payload = new byte[FrameLimits.MaxPayloadBytes];
        for (int i = 0; i < 8; i++)
        {
            Assert.True(queue.TryRead(payload, out var frame));
            Assert.Equal(("fire", (long)i, 1, (byte)i), (frame.ChannelId, frame.Header.Number, frame.PayloadBytes, payload[0]));
        }

        Assert.False(queue.TryRead(payload, out _));
        Assert.True(queue.TryTap("fire", default, [1]));
        Assert.True(queue.TryRead(payload, out _));
        Assert.False(queue.TryTap("fire", default, new byte[FrameLimits.MaxPayloadBytes + 1]));
    }

    [Fact]
    public async Task Several_writers_lose_and_mix_nothing()
    {
        const int Writers = 4;
        const int Frames = 20_000;
        var queue = new MediaTapQueue(64);
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            byte[] payload = new byte[8];
            for (int i = 0; i < Frames; i++)
            {
                BitConverter.TryWriteBytes(payload, i);
                BitConverter.TryWriteBytes(payload.AsSpan(4), writer);
                while (!queue.TryTap("fire", new FrameHeader { Number = writer, Timestamp = (uint)i }, payload)) Thread.Yield();
            }
        })).ToArray();
        int[] next = new int[Writers];
        byte[] read = new byte[FrameLimits.MaxPayloadBytes];
        for (int count = 0; count < Writers * Frames;)
        {
            if (!queue.TryRead(read, out var frame))
            {
                Thread.Yield();
                continue;
            }

            int writer = (int)frame.Header.Number;
            Assert.Equal((next[writer]++, writer), (BitConverter.ToInt32(read), BitConverter.ToInt32(read, 4)));
            count++;
        }

        await Task.WhenAll(writing);
        Assert.False(queue.TryRead(read, out _));
    }
}
