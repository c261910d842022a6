using System.Buffers.Binary;
using System.Text;
using Comms.Media.Wire.Stun;

namespace Comms.Phones.Media;

/// <summary>Binding requests of a full, controlling ICE agent, and their answers. RFC 8445 §7.2.2.</summary>
internal static class BindingCheck
{
    /// <summary>A peer-reflexive priority as Chromium computes it for a host candidate on the first interface.</summary>
    private const uint Priority = 0x6E7F_1EFF;

    /// <summary>The answer's own part of the 12-byte transaction: phone and number of the check.</summary>
    private const uint Mark = 0x50484F4E;

    /// <summary>Writes one check with USE-CANDIDATE, MESSAGE-INTEGRITY and FINGERPRINT; returns its bytes.</summary>
    public static int Write(Span<byte> buffer, byte[] userName, byte[] password, uint phone, uint number)
    {
        Span<byte> transaction = stackalloc byte[StunMessage.TransactionIdBytes];
        BinaryPrimitives.WriteUInt32BigEndian(transaction, Mark);
        BinaryPrimitives.WriteUInt32BigEndian(transaction[4..], phone);
        BinaryPrimitives.WriteUInt32BigEndian(transaction[8..], number);
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, transaction);
        writer.AddUsername(userName);
        writer.AddControlling(0x1122_3344_5566_7788UL ^ phone);
        writer.AddUseCandidate();
        writer.AddPriority(Priority);
        writer.AddIntegrity(password);
        writer.AddFingerprint();
        return writer.Length;
    }

    /// <summary>The number of the check that this success response answers; 0 when it is not an authentic answer to this phone.</summary>
    public static uint ReadAnswer(ReadOnlySpan<byte> datagram, byte[] password, uint phone)
    {
        if (!StunMessage.TryParse(datagram, out var message) || message.Type != StunMessageType.BindingSuccess) return 0;
        if (BinaryPrimitives.ReadUInt32BigEndian(message.TransactionId) != Mark) return 0;
        if (BinaryPrimitives.ReadUInt32BigEndian(message.TransactionId[4..]) != phone || !message.VerifyIntegrity(password)) return 0;
        return BinaryPrimitives.ReadUInt32BigEndian(message.TransactionId[8..]);
    }

    public static byte[] UserName(string remote, string own) => Encoding.ASCII.GetBytes($"{remote}:{own}");
}
