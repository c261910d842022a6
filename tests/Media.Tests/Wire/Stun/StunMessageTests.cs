using System.Buffers.Binary;
using System.Net;
using System.Text;
using Comms.Media.Numbers;
using Comms.Media.Wire.Stun;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Stun;

/// <summary>STUN reader and writer against RFC 5769 and against damage.</summary>
public sealed class StunMessageTests
{
    [Fact]
    public void Sample_request_is_read_and_verified()
    {
        Assert.True(StunMessage.TryParse(StunVectors.Request, out var message));
        Assert.Equal(StunMessageType.BindingRequest, message.Type);
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(message.Username));
        Assert.True(message.HasFingerprint);
        Assert.True(message.TryReadPriority(out uint priority));
        Assert.Equal(0x6e0001ffu, priority);
        Assert.True(message.TryReadControlled(out ulong tieBreaker));
        Assert.Equal(0x932ff9b151263b36ul, tieBreaker);
        Assert.False(message.TryReadControlling(out _));
        Assert.False(message.HasUseCandidate);
        Assert.True(message.VerifyIntegrity(StunVectors.Password));
        Assert.False(message.VerifyIntegrity("VOkJxbRl1RmTxUk/WvJxBu"u8));
    }

    [Theory]
    [InlineData(4, "192.0.2.1")]
    [InlineData(6, "2001:db8:1234:5678:11:2233:4455:6677")]
    public void Sample_responses_carry_the_mapped_address(int family, string address)
    {
        byte[] datagram = family == 4 ? StunVectors.IPv4Response : StunVectors.IPv6Response;
        Assert.True(StunMessage.TryParse(datagram, out var message));
        Assert.True(message.VerifyIntegrity(StunVectors.Password));
        Assert.True(message.TryReadMappedAddress(out var mapped));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 32853), mapped.ToIPEndPoint());
    }

    [Fact]
    public void Sample_with_long_term_credentials_is_verified()
    {
        Assert.True(StunMessage.TryParse(StunVectors.LongTermRequest, out var message));
        Assert.False(message.HasFingerprint);
        Assert.Equal("マトリックス", Encoding.UTF8.GetString(message.Username));
        Assert.True(message.VerifyIntegrity(StunVectors.LongTermKey));
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::7")]
    public void A_written_response_reads_back(string address)
    {
        var peer = TransportAddress.From(new IPEndPoint(IPAddress.Parse(address), 40001));
        var writer = new StunWriter(new byte[StunMessage.MaxBytes], StunMessageType.BindingSuccess, "abcdefghijkl"u8);
        writer.AddMappedAddress(peer);
        writer.AddIntegrity("password"u8);
        writer.AddFingerprint();

        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        Assert.True(message.VerifyIntegrity("password"u8));
        Assert.True(message.HasFingerprint);
        Assert.True(message.TransactionId.SequenceEqual("abcdefghijkl"u8));
        Assert.True(message.TryReadMappedAddress(out var mapped));
        Assert.Equal(peer, mapped);
    }

    [Fact]
    public void An_error_code_reads_back()
    {
        var writer = new StunWriter(new byte[StunMessage.MaxBytes], StunMessageType.BindingError, "abcdefghijkl"u8);
        writer.AddErrorCode(487, "Role Conflict"u8);
        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        Assert.True(message.TryReadErrorCode(out int code));
        Assert.Equal(487, code);
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        for (int bit = 0; bit < StunVectors.Request.Length * 8; bit++)
        {
            byte[] damaged = [.. StunVectors.Request];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            bool intact = StunMessage.TryParse(damaged, out var message) && message.HasFingerprint && message.VerifyIntegrity(StunVectors.Password);
            Assert.False(intact, $"bit {bit}");
        }
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < StunVectors.Request.Length; length++)
            Assert.False(StunMessage.TryParse(StunVectors.Request.AsSpan(0, length), out _), $"length {length}");
    }

    [Fact]
    public void Attributes_behind_the_integrity_are_not_seen()
    {
        var writer = new StunWriter(new byte[StunMessage.MaxBytes], StunMessageType.BindingRequest, "abcdefghijkl"u8);
        writer.AddUsername("a:b"u8);
        writer.AddIntegrity("password"u8);
        writer.AddUseCandidate();
        writer.AddFingerprint();

        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        Assert.False(message.HasUseCandidate);
        Assert.True(message.VerifyIntegrity("password"u8));
    }

    [Fact]
    public void Unknown_required_attributes_are_counted_and_optional_ones_ignored()
    {
        // A Binding request with types 0x7001 (required) and 0xF001 (optional), both empty.
        byte[] datagram = Convert.FromHexString("000100082112a442000000000000000000000000" + "70010000" + "F0010000");
        Assert.True(StunMessage.TryParse(datagram, out var message));
        Assert.Equal(1, message.UnknownCount);
        Assert.Equal(0x7001, message.Unknown(0));
    }

    [Fact]
    public void Mutated_messages_never_throw_nor_allocate()
    {
        byte[][] corpus = [StunVectors.Request, StunVectors.IPv4Response, StunVectors.IPv6Response, StunVectors.LongTermRequest];
        byte[] repaired = new byte[1024];
        Fuzz.Run(corpus, seed: 5769, input =>
        {
            Visit(input);
            Visit(Repair(input, repaired));
        }, allocationFree: true);
    }

    // Mends length, cookie and fingerprint, so that mutations reach the attributes instead of failing at the header.
    private static Span<byte> Repair(ReadOnlySpan<byte> input, Span<byte> buffer)
    {
        int length = Math.Max(StunMessage.HeaderBytes, input.Length & ~3);
        buffer[..length].Clear();
        input[..Math.Min(input.Length, length)].CopyTo(buffer);
        bool hasFingerprint = length >= StunMessage.HeaderBytes + 8 && BinaryPrimitives.ReadUInt32BigEndian(buffer[(length - 8)..]) == 0x8028_0004;
        buffer[0] &= 3;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)(length - StunMessage.HeaderBytes));
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        if (hasFingerprint) BinaryPrimitives.WriteUInt32BigEndian(buffer[(length - 4)..], StunFingerprint.Compute(buffer[..(length - 8)]));
        return buffer[..length];
    }

    private static void Visit(ReadOnlySpan<byte> input)
    {
        if (!StunMessage.TryParse(input, out var message)) return;
        _ = message.VerifyIntegrity(StunVectors.Password);
        _ = message.Username.Length;
        _ = message.TryReadPriority(out _);
        _ = message.TryReadControlling(out _);
        _ = message.TryReadControlled(out _);
        _ = message.TryReadErrorCode(out _);
        _ = message.TryReadMappedAddress(out _);
        for (int i = 0; i < message.UnknownCount; i++) _ = message.Unknown(i);
    }
}
