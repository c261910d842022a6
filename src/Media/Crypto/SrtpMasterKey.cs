namespace Comms.Media.Crypto;

/// <summary>One direction's master key and salt. Key is 16 bytes; salt is 14 (AES-CM) or 12 bytes (AEAD).</summary>
public sealed record SrtpMasterKey(SrtpProfile Profile, byte[] Key, byte[] Salt)
{
    /// <summary>Keys never reach a log through string interpolation.</summary>
    public override string ToString() => $"SrtpMasterKey({Profile})";
}
