using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Comms.Media.Crypto.Gcm;

/// <summary>A key for the processor's own instructions, in 256 bytes of native memory. Overwritten when disposed.</summary>
internal sealed unsafe class NativeGcmKey : SafeHandle, IGcmKey
{
    private const int NonceBytes = 12;
    private const int CacheLineBytes = 64;

    public NativeGcmKey(ReadOnlySpan<byte> key)
        : base(0, ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.AlignedAlloc(AesGcmKey.Bytes, CacheLineBytes));
        AesGcmKey.Expand(key, Key);
    }

    public override bool IsInvalid => handle == 0;

    private AesGcmKey* Key => (AesGcmKey*)handle;

    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> dataAndTag, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(dataAndTag.Length - AesGcm128.TagBytes));
        byte* padded = stackalloc byte[Padded(associated.Length)];
        associated.CopyTo(new Span<byte>(padded, associated.Length));
        fixed (byte* data = dataAndTag) AesGcm128.Seal(Key, Load(nonce), padded, associated.Length, data, data, length);
    }

    public bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> dataAndTag, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(dataAndTag.Length - AesGcm128.TagBytes));
        byte* padded = stackalloc byte[Padded(associated.Length)];
        associated.CopyTo(new Span<byte>(padded, associated.Length));
        fixed (byte* data = dataAndTag) return AesGcm128.Open(Key, Load(nonce), padded, associated.Length, data, length);
    }

    protected override bool ReleaseHandle()
    {
        AesGcmKey.Clear(Key);
        NativeMemory.AlignedFree(Key);
        return true;
    }

    // An RTP header with its extension is at the most one datagram.
    private static int Padded(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, 2_048);
        return (bytes + 31) & ~15;
    }

    private static Vector128<byte> Load(ReadOnlySpan<byte> nonce)
    {
        byte* padded = stackalloc byte[16];
        nonce[..NonceBytes].CopyTo(new Span<byte>(padded, 16));
        return AesGcm128.LoadNonce(padded);
    }
}
