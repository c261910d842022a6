using System.Runtime.InteropServices;

namespace Comms.Media.Audio;

/// <summary>
/// The C interface of libopus 1.3, whose shared object comes with every distribution's ffmpeg. Only what the transcoder
/// needs. <c>opus_encoder_ctl</c> is variadic in C; on Linux x86-64 and arm64 an integer argument travels the same way.
/// </summary>
internal static partial class LibOpus
{
    private const string Library = "libopus.so.0";

    public const int Ok = 0;

    /// <summary>OPUS_APPLICATION_VOIP.</summary>
    public const int ApplicationVoip = 2_048;

    public const int SetBitrate = 4_002;
    public const int SetComplexity = 4_010;
    public const int SetInbandFec = 4_012;
    public const int SetPacketLossPercent = 4_014;
    public const int SetDtx = 4_016;
    public const int SetSignal = 4_024;
    public const int ResetState = 4_028;

    /// <summary>OPUS_SIGNAL_VOICE.</summary>
    public const int SignalVoice = 3_001;

    [LibraryImport(Library, EntryPoint = "opus_encoder_create")]
    public static partial OpusEncoderHandle CreateEncoder(int samplesPerSecond, int channels, int application, out int error);

    [LibraryImport(Library, EntryPoint = "opus_encode")]
    public static unsafe partial int Encode(OpusEncoderHandle encoder, short* pcm, int samples, byte* packet, int maxBytes);

    [LibraryImport(Library, EntryPoint = "opus_encoder_ctl")]
    public static partial int Control(OpusEncoderHandle encoder, int request, int value);

    [LibraryImport(Library, EntryPoint = "opus_encoder_ctl")]
    public static partial int Control(OpusEncoderHandle encoder, int request);

    [LibraryImport(Library, EntryPoint = "opus_encoder_destroy")]
    public static partial void DestroyEncoder(IntPtr encoder);

    [LibraryImport(Library, EntryPoint = "opus_decoder_create")]
    public static partial OpusDecoderHandle CreateDecoder(int samplesPerSecond, int channels, out int error);

    [LibraryImport(Library, EntryPoint = "opus_decode")]
    public static unsafe partial int Decode(
        OpusDecoderHandle decoder, byte* packet, int packetBytes, short* pcm, int maxSamples, int decodeFec);

    [LibraryImport(Library, EntryPoint = "opus_decoder_ctl")]
    public static partial int Control(OpusDecoderHandle decoder, int request);

    [LibraryImport(Library, EntryPoint = "opus_decoder_destroy")]
    public static partial void DestroyDecoder(IntPtr decoder);
}

/// <summary>Owns one libopus encoder.</summary>
internal sealed class OpusEncoderHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        LibOpus.DestroyEncoder(handle);
        return true;
    }
}

/// <summary>Owns one libopus decoder.</summary>
internal sealed class OpusDecoderHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        LibOpus.DestroyDecoder(handle);
        return true;
    }
}
