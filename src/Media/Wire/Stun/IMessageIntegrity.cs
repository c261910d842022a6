namespace Comms.Media.Wire.Stun;

/// <summary>HMAC-SHA1 with a key made ready once, for those who answer checks all day. RFC 8489 §14.5.</summary>
public interface IMessageIntegrity
{
    /// <summary>Writes the 20-byte code of a message.</summary>
    void Compute(ReadOnlySpan<byte> message, Span<byte> code);
}
