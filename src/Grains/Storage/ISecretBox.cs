namespace Comms.Grains.Storage;

/// <summary>Encrypts what must not be readable in the store: camera sources, password verifiers. Thread-safe.</summary>
public interface ISecretBox
{
    /// <summary>The purpose ("camera/cam-1") is authenticated: a sealed value opens only under the purpose it was sealed for.</summary>
    byte[] Seal(ReadOnlySpan<byte> plain, string purpose);

    /// <summary>False when the key is unknown, the purpose differs or the bytes were changed.</summary>
    bool TryOpen(ReadOnlySpan<byte> sealedBytes, string purpose, out byte[] plain);
}
