using System.Runtime.InteropServices;

namespace Comms.Media.Crypto.OpenSsl;

/// <summary>The functions of OpenSSL 3's libcrypto that protection uses. Names are OpenSSL's own.</summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    /// <summary>EVP_CTRL_AEAD_GET_TAG, _SET_TAG of openssl/evp.h.</summary>
    public const int GetTag = 0x10;
    public const int SetTag = 0x11;

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_CIPHER_fetch(nint context, string algorithm, string? properties);

    [LibraryImport(Library)]
    public static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial int EVP_CIPHER_CTX_ctrl(nint context, int type, int argument, byte* pointer);

    [LibraryImport(Library)]
    public static partial int EVP_CipherInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(Library)]
    public static partial int EVP_CipherUpdate(nint context, byte* output, int* written, byte* input, int length);

    [LibraryImport(Library)]
    public static partial int EVP_CipherFinal_ex(nint context, byte* output, int* written);

    /// <summary>The low-level digest: its 96-byte state may be copied, which is what a precomputed HMAC key needs.</summary>
    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Init(Sha1State* state);

    [LibraryImport(Library)]
    public static partial int SHA1_Update(Sha1State* state, byte* data, nuint length);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int SHA1_Final(byte* digest, Sha1State* state);
}

/// <summary>SHA_CTX of openssl/sha.h: five chaining words, the bit count, one block, and how much of it is filled.</summary>
internal unsafe struct Sha1State
{
    public fixed uint Chain[5];
    public uint BitsLow;
    public uint BitsHigh;
    public fixed uint Block[16];
    public uint Filled;
}
