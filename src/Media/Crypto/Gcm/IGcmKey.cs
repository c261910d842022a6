namespace Comms.Media.Crypto.Gcm;

/// <summary>One AES-128-GCM key with 12-byte nonces and 16-byte tags. Used by one thread at a time; allocates nothing per packet.</summary>
internal interface IGcmKey : IDisposable
{
    /// <summary>Encrypts the first <paramref name="length"/> bytes in place and writes the tag behind them.</summary>
    void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> dataAndTag, int length);

    /// <summary>Decrypts in place. False when the tag behind the data is wrong; the data is then worthless.</summary>
    bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> dataAndTag, int length);
}
