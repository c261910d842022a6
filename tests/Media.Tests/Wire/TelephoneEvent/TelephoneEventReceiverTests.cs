using System.Buffers.Binary;
using Comms.Media.Numbers;
using Comms.Media.Wire.TelephoneEvent;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.TelephoneEvent;

public class TelephoneEventReceiverTests
{
    private const byte Star = 10;
    private const byte Pound = 11;

    private readonly TelephoneEventReceiver _receiver = new();
    private readonly List<string> _seen = [];
    private Instant _now = new(1_000_000_000);

    [Fact]
    public void A_payload_is_read_bit_by_bit()
    {
        Assert.True(TelephoneEventPayload.TryParse([11, 0x8A, 0x03, 0x20], out TelephoneEventPayload value));
        Assert.Equal(new TelephoneEventPayload(Pound, true, -10, 800), value);
        Assert.False(TelephoneEventPayload.TryParse([11, 0x8A, 0x03], out _));
    }

    [Fact]
    public void One_press_gives_one_down_and_one_up()
    {
        Send(Star, 1_000, 160);
        Send(Star, 1_000, 320);
        AssertKeys("10 down");
        Send(Star, 1_000, 480, end: true);
        Send(Star, 1_000, 480, end: true);
        Send(Star, 1_000, 480, end: true);
        AssertKeys("10 up");
    }

    [Fact]
    public void Two_presses_of_the_same_key_are_two()
    {
        Press(Star, 1_000);
        Press(Star, 5_000);
        AssertKeys("10 down", "10 up", "10 down", "10 up");
    }

    [Fact]
    public void Only_the_end_packets_arriving_is_still_a_press()
    {
        Send(Star, 1_000, 800, end: true);
        Send(Star, 1_000, 800, end: true);
        AssertKeys("10 down", "10 up");
    }

    [Fact]
    public void Without_an_end_the_key_is_released_when_its_packets_stop()
    {
        Send(Star, 1_000, 160);
        AssertKeys("10 down");
        Assert.Equal(_now.AddMs(300), _receiver.NextDeadline);
        _receiver.HandleTimeout(_now.AddMs(299));
        AssertKeys();
        _receiver.HandleTimeout(_now.AddMs(300));
        AssertKeys("10 up");
        Assert.Equal(Instant.Never, _receiver.NextDeadline);
        Send(Star, 1_000, 480, end: true);
        AssertKeys();
    }

    [Fact]
    public void Without_an_end_the_next_press_releases_the_old_one_first()
    {
        Send(Star, 1_000, 160);
        Send(Pound, 5_000, 160);
        AssertKeys("10 down", "10 up", "11 down");
    }

    [Fact]
    public void Packets_of_an_overtaken_press_change_nothing()
    {
        Press(Star, 1_000);
        Send(Pound, 5_000, 160);
        Send(Star, 1_000, 480, end: true);
        Send(Star, 900, 160);
        AssertKeys("10 down", "10 up", "11 down");
    }

    [Fact]
    public void A_reordered_update_after_the_end_does_not_press_again()
    {
        Send(Star, 1_000, 160);
        Send(Star, 1_000, 480, end: true);
        Send(Star, 1_000, 320);
        AssertKeys("10 down", "10 up");
    }

    [Fact]
    public void A_long_press_in_two_segments_is_one()
    {
        Send(Star, 1_000, 65_535);
        Send(Star, 1_000 + 65_535, 160);
        Send(Star, 1_000 + 65_535, 320, end: true);
        AssertKeys("10 down", "10 up");
    }

    [Fact]
    public void Timestamps_wrap()
    {
        Press(Star, 0xFFFF_FF00);
        Press(Pound, 0x0000_0100);
        AssertKeys("10 down", "10 up", "11 down", "11 up");
    }

    [Fact]
    public void Events_that_are_no_keys_are_ignored()
    {
        Send(16, 1_000, 160);
        Send(36, 2_000, 160, end: true);
        AssertKeys();
    }

    [Fact]
    public void A_new_sender_releases_the_held_key_and_may_start_at_any_timestamp()
    {
        Send(Star, 500_000, 160);
        _receiver.Reset();
        Send(Star, 1_000, 160);
        AssertKeys("10 down", "10 up", "10 down");
    }

    [Fact]
    public void Mutated_payloads_never_throw_and_never_allocate()
    {
        var receiver = new TelephoneEventReceiver();
        Fuzz.Run([Payload(Star, 160, false), Payload(Pound, 800, true)], 4733, Feed, allocationFree: true);

        void Feed(ReadOnlySpan<byte> payload)
        {
            uint timestamp = payload.Length > 4 ? payload[4] * 1_000u : 7;
            receiver.Handle(payload, timestamp, _now);
            while (receiver.TryPollKey(out TelephoneKey key))
            {
                if (key.Code > TelephoneEventPayload.LastKey) throw new InvalidOperationException("no key");
            }
        }
    }

    private void Press(byte code, uint timestamp)
    {
        Send(code, timestamp, 160);
        for (int copy = 0; copy < 3; copy++) Send(code, timestamp, 480, end: true);
    }

    private void Send(byte code, uint timestamp, ushort duration, bool end = false)
    {
        _now = _now.AddMs(20);
        _receiver.Handle(Payload(code, duration, end), timestamp, _now);
        Drain();
    }

    private void Drain()
    {
        while (_receiver.TryPollKey(out TelephoneKey key)) _seen.Add($"{key.Code} {(key.IsDown ? "down" : "up")}");
    }

    private static byte[] Payload(byte code, ushort duration, bool end)
    {
        byte[] payload = [code, (byte)(end ? 0x8A : 0x0A), 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), duration);
        return payload;
    }

    private void AssertKeys(params string[] expected)
    {
        Drain();
        Assert.Equal(expected, _seen);
        _seen.Clear();
    }
}
