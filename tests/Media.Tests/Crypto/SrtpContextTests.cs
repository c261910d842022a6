using System.Buffers.Binary;
using Comms.Media.Crypto;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Crypto;

/// <summary>Sender and receiver contexts: replay, rollover, forgery, sources, and no allocation per packet.</summary>
public sealed class SrtpContextTests
{
    private const int PlainBytes = 12 + 60;

    public static readonly TheoryData<SrtpProfile> Profiles = [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1_80];

    [Theory, MemberData(nameof(Profiles))]
    public void A_packet_is_accepted_once(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        byte[] packet = peer.Protect(1000);
        Assert.Equal(SrtpError.None, peer.Unprotect(packet));
        Assert.Equal(SrtpError.Replayed, peer.Unprotect(packet));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Every_flipped_bit_is_noticed_and_moves_no_window(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        Assert.Equal(SrtpError.None, peer.Unprotect(peer.Protect(1)));
        byte[] packet = peer.Protect(2);
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            byte[] forged = [.. packet];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpError.None, peer.Unprotect(forged));
        }

        Assert.Equal(SrtpError.None, peer.Unprotect(packet));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Packets_reordered_around_the_wrap_are_all_accepted(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        byte[][] packets = [.. Enumerable.Range(65530, 12).Select(index => peer.Protect((ushort)index))];
        int[] order = [0, 2, 1, 6, 5, 7, 3, 4, 9, 8, 11, 10];
        foreach (int at in order) Assert.Equal(SrtpError.None, peer.Unprotect(packets[at]));
        foreach (int at in order) Assert.Equal(SrtpError.Replayed, peer.Unprotect(packets[at]));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Three_wraps_keep_sender_and_receiver_together(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        for (int index = 0; index < 3 * 65536; index += 500)
            Assert.Equal(SrtpError.None, peer.Unprotect(peer.Protect((ushort)index)));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_packet_sent_again_after_the_wrap_keeps_its_index(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        byte[] first = peer.Protect(65535);
        _ = peer.Protect(0);
        byte[] again = peer.Protect(65535);
        Assert.Equal(first, again);
    }

    [Fact]
    public void A_packet_older_than_the_window_is_refused()
    {
        using var peer = new Pair(SrtpProfile.AeadAes128Gcm);
        byte[] old = peer.Protect(1000);
        byte[] inside = peer.Protect(1001);
        Assert.Equal(SrtpError.None, peer.Unprotect(peer.Protect(1000 + ReplayWindow.Size)));
        Assert.Equal(SrtpError.Replayed, peer.Unprotect(old));
        Assert.Equal(SrtpError.None, peer.Unprotect(inside));
    }

    [Fact]
    public void A_peer_may_not_use_more_sources_than_a_session_has()
    {
        using var peer = new Pair(SrtpProfile.AeadAes128Gcm);
        for (uint ssrc = 1; ssrc <= SrtpReceiver.MaxSources; ssrc++) Assert.Equal(SrtpError.None, peer.Unprotect(peer.Protect(1, ssrc)));
        Assert.Equal(SrtpError.TooManySources, peer.Unprotect(peer.Protect(1, 99)));
        Assert.Equal(SrtpError.None, peer.Unprotect(peer.Protect(2, 1)));
    }

    [Fact]
    public void Keys_of_another_session_do_not_open_a_packet()
    {
        using var peer = new Pair(SrtpProfile.AeadAes128Gcm);
        using var stranger = new Pair(SrtpProfile.AeadAes128Gcm, keyByte: 8);
        Assert.Equal(SrtpError.AuthenticationFailed, peer.Unprotect(stranger.Protect(1)));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Control_packets_are_accepted_once_and_hide_their_content(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        byte[] first = peer.ProtectRtcp();
        byte[] second = peer.ProtectRtcp();
        Assert.NotEqual(first, second);
        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(first), StringComparison.Ordinal);
        Assert.Equal(SrtpError.None, peer.Receiver.UnprotectRtcp([.. second], out _));
        Assert.Equal(SrtpError.None, peer.Receiver.UnprotectRtcp([.. first], out int length));
        Assert.Equal(16, length);
        Assert.Equal(SrtpError.Replayed, peer.Receiver.UnprotectRtcp([.. first], out _));
        second[9] ^= 1;
        Assert.NotEqual(SrtpError.None, peer.Receiver.UnprotectRtcp(second, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Nothing_is_allocated_per_packet(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        byte[] buffer = new byte[200];
        ushort sequenceNumber = 0;
        for (int i = 0; i < 1000; i++) RoundTrip(peer, buffer, sequenceNumber++);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) RoundTrip(peer, buffer, sequenceNumber++);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Mutated_packets_never_throw_nor_allocate(SrtpProfile profile)
    {
        using var peer = new Pair(profile);
        byte[][] corpus = [peer.Protect(1), peer.Protect(2), peer.ProtectRtcp()];
        byte[] scratch = new byte[1024];
        Fuzz.Run(corpus, 3711, input =>
        {
            input.CopyTo(scratch);
            _ = peer.Receiver.Unprotect(scratch.AsSpan(0, input.Length), out _);
            input.CopyTo(scratch);
            _ = peer.Receiver.UnprotectRtcp(scratch.AsSpan(0, input.Length), out _);
        }, allocationFree: true);
    }

    private static void RoundTrip(Pair peer, byte[] buffer, ushort sequenceNumber)
    {
        Pair.WritePlain(buffer, sequenceNumber, 7);
        bool sent = peer.Sender.TryProtect(buffer, PlainBytes, out int length);
        bool received = peer.Receiver.Unprotect(buffer.AsSpan(0, length), out _) == SrtpError.None;
        Pair.WriteRtcp(buffer);
        sent &= peer.Sender.TryProtectRtcp(buffer, 16, out length);
        received &= peer.Receiver.UnprotectRtcp(buffer.AsSpan(0, length), out _) == SrtpError.None;
        if (!sent || !received) throw new InvalidOperationException("round trip failed");
    }

    /// <summary>A sender and a receiver with one key.</summary>
    private sealed class Pair : IDisposable
    {
        public Pair(SrtpProfile profile, byte keyByte = 7)
        {
            var master = new SrtpMasterKey(profile, [.. Enumerable.Repeat(keyByte, 16)], [.. Enumerable.Range(1, profile.SaltBytes).Select(i => (byte)i)]);
            Sender = new SrtpSender(master);
            Receiver = new SrtpReceiver(master);
        }

        public SrtpSender Sender { get; }

        public SrtpReceiver Receiver { get; }

        public byte[] Protect(ushort sequenceNumber, uint ssrc = 7)
        {
            byte[] buffer = new byte[200];
            WritePlain(buffer, sequenceNumber, ssrc);
            Assert.True(Sender.TryProtect(buffer, PlainBytes, out int length));
            return buffer[..length];
        }

        public byte[] ProtectRtcp()
        {
            byte[] buffer = new byte[100];
            WriteRtcp(buffer);
            Assert.True(Sender.TryProtectRtcp(buffer, 16, out int length));
            return buffer[..length];
        }

        public SrtpError Unprotect(byte[] packet)
        {
            byte[] copy = [.. packet];
            var error = Receiver.Unprotect(copy, out int length);
            if (error == SrtpError.None) Assert.Equal(PlainBytes, length);
            return error;
        }

        public static void WritePlain(Span<byte> buffer, ushort sequenceNumber, uint ssrc)
        {
            buffer[..PlainBytes].Fill(0x5A);
            buffer[0] = 0x80;
            buffer[1] = 111;
            BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], sequenceNumber);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[8..], ssrc);
        }

        public static void WriteRtcp(Span<byte> buffer)
        {
            ReadOnlySpan<byte> header = [0x81, 0xC8, 0, 3, 0, 0, 0, 7];
            header.CopyTo(buffer);
            "secret!!"u8.CopyTo(buffer[8..]);
        }

        public void Dispose()
        {
            Sender.Dispose();
            Receiver.Dispose();
        }
    }
}
