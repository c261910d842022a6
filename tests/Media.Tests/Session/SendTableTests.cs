using System.Security.Cryptography;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Gcm;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.Rtp;
using Xunit;

namespace Comms.Media.Tests.Session;

/// <summary>The memory that fan-outs send from: what a peer receives of it, and what is left of a session that has gone.</summary>
public sealed unsafe class SendTableTests : IDisposable
{
    private static readonly SrtpMasterKey Master = new(SrtpProfile.AeadAes128Gcm, RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(12));
    private readonly DropCounters _drops = new();
    private readonly SendTable _table;
    private readonly OneDatagram _output = new();

    public SendTableTests() => _table = new SendTable(_drops);

    [Fact]
    public void A_stream_lies_on_two_cache_lines()
    {
        Assert.Equal(SendStream.Bytes, sizeof(SendStream));
        Assert.True(sizeof(SendBlock) == SendBlock.Bytes && SendBlock.Bytes % 64 == 0);
    }

    [Fact]
    public void A_peer_understands_every_packet_over_the_wrap_of_the_numbers()
    {
        if (!AesGcmKey.IsSupported) return;
        var block = Connect(out var stream);
        var target = new VoiceTarget(_table, block, stream);
        using var peer = new SrtpReceiver(Master);
        Assert.True(target.IsReady);
        byte[] payload = RandomNumberGenerator.GetBytes(61);
        ushort expected = 0;
        for (int i = 0; i < 70_000; i++)
        {
            BitConverter.TryWriteBytes(payload, i);
            var packet = new VoicePacket { Sequence = (ushort)i, Timestamp = (uint)i * 960, Ticks = 960, Payload = payload };

            Assert.Equal(SendOutcome.Sent, target.Send(packet, new Instant(i * 20_000_000L)));

            Assert.Equal(SrtpError.None, peer.Unprotect(_output.Datagram, out int length));
            Assert.True(RtpPacketView.TryParse(_output.Datagram[..length], out var heard));
            Assert.True(heard.Payload.SequenceEqual(payload));
            Assert.True(i == 0 || heard.SequenceNumber == expected);
            Assert.Equal(i == 0, heard.Marker);
            expected = (ushort)(heard.SequenceNumber + 1);
        }

        Assert.Equal(70_000, _table.Counters.SrtpSent);
    }

    [Fact]
    public void A_packet_that_was_blocked_begins_its_burst_when_it_is_given_again()
    {
        if (!AesGcmKey.IsSupported) return;
        var target = new VoiceTarget(_table, Connect(out var stream), stream);
        using var peer = new SrtpReceiver(Master);
        var packet = new VoicePacket { Sequence = 9, Timestamp = 960, Ticks = 960, Payload = new byte[20] };
        _output.IsBlocked = true;
        Assert.Equal(SendOutcome.Blocked, target.Send(packet, new Instant(1)));
        _output.IsBlocked = false;

        Assert.Equal(SendOutcome.Sent, target.Send(packet, new Instant(2)));

        Assert.Equal(SrtpError.None, peer.Unprotect(_output.Datagram, out int length));
        Assert.True(RtpPacketView.TryParse(_output.Datagram[..length], out var heard) && heard.Marker);
    }

    [Fact]
    public void What_a_session_leaves_is_overwritten_and_used_again()
    {
        for (int round = 0; round < 3; round++)
        {
            var blocks = new nint[5_000];
            for (int i = 0; i < blocks.Length; i++)
            {
                var block = _table.Take(3);
                Assert.True(new ReadOnlySpan<byte>(block, SendBlock.Bytes + 3 * SendStream.Bytes).IndexOfAnyExcept((byte)0) < 0);
                new Span<byte>(block, SendBlock.Bytes + 3 * SendStream.Bytes).Fill(0xAB);
                blocks[i] = (nint)block;
            }

            foreach (nint block in blocks) _table.Return((SendBlock*)block, 3);
        }

        Assert.InRange(_table.Bytes, 1, 5_000L * (SendBlock.Bytes + 3 * SendStream.Bytes) * 5 / 4);
    }

    public void Dispose() => _table.Dispose();

    private SendBlock* Connect(out SendStream* stream)
    {
        var block = _table.Take(1);
        stream = SendTable.StreamsOf(block);
        *stream = new SendStream(77, 111, 48_000);
        block->Output = _table.NumberOf(_output);
        SendBlock.UseKeys(block, Master);
        return block;
    }

    /// <summary>Keeps the latest datagram.</summary>
    private sealed class OneDatagram : IDatagramOutput
    {
        private readonly byte[] _bytes = GC.AllocateArray<byte>(2_048, pinned: true);
        private int _length;

        public bool IsBlocked { get; set; }

        public Span<byte> Datagram => _bytes.AsSpan(0, _length);

        public Span<byte> Reserve(int maxBytes) => IsBlocked ? default : _bytes.AsSpan(0, maxBytes);

        public void Commit(int length, in TransportAddress to) => _length = length;
    }
}
