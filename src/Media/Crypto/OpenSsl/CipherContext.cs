using System.Runtime.InteropServices;
using Comms.Media.Crypto.Gcm;

namespace Comms.Media.Crypto.OpenSsl;

/// <summary>One keyed EVP_CIPHER_CTX (about 1 kB native). Used by one thread at a time; allocates nothing per packet.</summary>
internal sealed unsafe class CipherContext : SafeHandle, IGcmKey
{
    private const int TagBytes = 16;
    private static readonly nint GcmCipher = Fetch("AES-128-GCM");
    private static readonly nint CtrCipher = Fetch("AES-128-CTR");

    private CipherContext(nint cipher, ReadOnlySpan<byte> key, bool encrypt)
        : base(0, ownsHandle: true)
    {
        SetHandle(LibCrypto.EVP_CIPHER_CTX_new());
        fixed (byte* keyBytes = key)
        {
            int ok = LibCrypto.EVP_CipherInit_ex(handle, cipher, 0, keyBytes, null, encrypt ? 1 : 0);
            if (ok != 1) throw new InvalidOperationException("OpenSSL refused an AES-128 key.");
        }
    }

    public override bool IsInvalid => handle == 0;

    public static CipherContext CreateGcm(ReadOnlySpan<byte> key, bool encrypt) => new(GcmCipher, key, encrypt);

    public static CipherContext CreateCtr(ReadOnlySpan<byte> key) => new(CtrCipher, key, encrypt: true);

    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> dataAndTag, int length)
    {
        int written;
        var data = dataAndTag[..length];
        var tag = dataAndTag.Slice(length, TagBytes);
        fixed (byte* nonceBytes = nonce, associatedBytes = associated, dataBytes = data, tagBytes = tag)
        {
            int ok = LibCrypto.EVP_CipherInit_ex(handle, 0, 0, null, nonceBytes, -1);
            ok &= LibCrypto.EVP_CipherUpdate(handle, null, &written, associatedBytes, associated.Length);
            if (data.Length > 0) ok &= LibCrypto.EVP_CipherUpdate(handle, dataBytes, &written, dataBytes, data.Length);
            ok &= LibCrypto.EVP_CipherFinal_ex(handle, tagBytes, &written);
            ok &= LibCrypto.EVP_CIPHER_CTX_ctrl(handle, LibCrypto.GetTag, tag.Length, tagBytes);
            if (ok != 1) throw new InvalidOperationException("OpenSSL failed to seal with AES-GCM.");
        }
    }

    public bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> dataAndTag, int length)
    {
        int written;
        var data = dataAndTag[..length];
        var tag = dataAndTag.Slice(length, TagBytes);
        byte* rest = stackalloc byte[16];
        fixed (byte* nonceBytes = nonce, associatedBytes = associated, dataBytes = data, tagBytes = tag)
        {
            int ok = LibCrypto.EVP_CipherInit_ex(handle, 0, 0, null, nonceBytes, -1);
            ok &= LibCrypto.EVP_CIPHER_CTX_ctrl(handle, LibCrypto.SetTag, tag.Length, tagBytes);
            ok &= LibCrypto.EVP_CipherUpdate(handle, null, &written, associatedBytes, associated.Length);
            if (data.Length > 0) ok &= LibCrypto.EVP_CipherUpdate(handle, dataBytes, &written, dataBytes, data.Length);
            return ok == 1 && LibCrypto.EVP_CipherFinal_ex(handle, rest, &written) == 1;
        }
    }

    /// <summary>Adds the key stream that begins at a 16-byte counter block: encrypts and decrypts in place.</summary>
    public void AddKeyStream(ReadOnlySpan<byte> counterBlock, Span<byte> data)
    {
        if (data.Length == 0) return;
        int written;
        fixed (byte* counter = counterBlock, dataBytes = data)
        {
            int ok = LibCrypto.EVP_CipherInit_ex(handle, 0, 0, null, counter, -1);
            ok &= LibCrypto.EVP_CipherUpdate(handle, dataBytes, &written, dataBytes, data.Length);
            if (ok != 1) throw new InvalidOperationException("OpenSSL failed to run AES in counter mode.");
        }
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_CTX_free(handle);
        return true;
    }

    private static nint Fetch(string algorithm)
    {
        nint cipher = LibCrypto.EVP_CIPHER_fetch(0, algorithm, null);
        return cipher != 0 ? cipher : throw new PlatformNotSupportedException($"OpenSSL 3 offers no {algorithm}.");
    }
}
