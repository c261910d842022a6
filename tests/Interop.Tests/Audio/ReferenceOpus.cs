using System.Runtime.InteropServices;

namespace Comms.Interop.Tests.Audio;

/// <summary>libopus' own encoder with every setting open, so that packets of all configurations can be made.</summary>
internal sealed class ReferenceOpusEncoder : IDisposable
{
    public const int Voip = 2_048;
    public const int Audio = 2_049;
    public const int LowDelay = 2_051;
    public const int SetBitrate = 4_002;
    public const int SetMaxBandwidth = 4_004;
    public const int SetVariableBitrate = 4_006;
    public const int SetBandwidth = 4_008;
    public const int SetInbandFec = 4_012;
    public const int SetPacketLossPercent = 4_014;
    public const int SetDtx = 4_016;

    private readonly IntPtr _encoder;
    private readonly int _channels;

    public ReferenceOpusEncoder(int samplesPerSecond, int channels, int application)
    {
        _channels = channels;
        _encoder = Create(samplesPerSecond, channels, application, out int error);
        if (error != 0) throw new InvalidOperationException($"libopus made no encoder: error {error}.");
    }

    public void Set(int request, int value)
    {
        if (Control(_encoder, request, value) != 0) throw new InvalidOperationException($"libopus refused setting {request} = {value}.");
    }

    /// <summary>Interleaved samples of one packet.</summary>
    public byte[] Encode(float[] pcm)
    {
        byte[] packet = new byte[1_275];
        int bytes = Encode(_encoder, pcm, pcm.Length / _channels, packet, packet.Length);
        return bytes > 0 ? packet[..bytes] : throw new InvalidOperationException($"libopus encoded nothing: {bytes}.");
    }

    public void Dispose() => Destroy(_encoder);

    [DllImport("libopus.so.0", EntryPoint = "opus_encoder_create")]
    private static extern IntPtr Create(int samplesPerSecond, int channels, int application, out int error);

    [DllImport("libopus.so.0", EntryPoint = "opus_encode_float")]
    private static extern int Encode(IntPtr encoder, float[] pcm, int samples, byte[] packet, int maxBytes);

    [DllImport("libopus.so.0", EntryPoint = "opus_encoder_ctl")]
    private static extern int Control(IntPtr encoder, int request, int value);

    [DllImport("libopus.so.0", EntryPoint = "opus_encoder_destroy")]
    private static extern void Destroy(IntPtr encoder);
}

/// <summary>libopus' own decoder to 48 kHz stereo floats, as a browser's.</summary>
internal sealed class ReferenceOpusDecoder : IDisposable
{
    public const int Channels = 2;
    private const int MaxSamples = 5_760;

    private readonly IntPtr _decoder;
    private readonly float[] _pcm = new float[MaxSamples * Channels];

    public ReferenceOpusDecoder()
    {
        _decoder = Create(48_000, Channels, out int error);
        if (error != 0) throw new InvalidOperationException($"libopus made no decoder: error {error}.");
    }

    public ReadOnlySpan<float> Decode(byte[] packet) => Run(packet, packet.Length, MaxSamples, 0);

    /// <summary>Makes up lost audio.</summary>
    public ReadOnlySpan<float> Conceal(int samples) => Run(null, 0, samples, 0);

    /// <summary>The frame lost before <paramref name="next"/>, from that packet's in-band redundancy.</summary>
    public ReadOnlySpan<float> Recover(byte[] next, int samples) => Run(next, next.Length, samples, 1);

    public void Dispose() => Destroy(_decoder);

    private ReadOnlySpan<float> Run(byte[]? packet, int bytes, int samples, int fec)
    {
        int decoded = Decode(_decoder, packet, bytes, _pcm, samples, fec);
        return decoded > 0 ? _pcm.AsSpan(0, decoded * Channels) : throw new InvalidOperationException($"libopus decoded nothing: {decoded}.");
    }

    [DllImport("libopus.so.0", EntryPoint = "opus_decoder_create")]
    private static extern IntPtr Create(int samplesPerSecond, int channels, out int error);

    [DllImport("libopus.so.0", EntryPoint = "opus_decode_float")]
    private static extern int Decode(IntPtr decoder, byte[]? packet, int bytes, float[] pcm, int samples, int fec);

    [DllImport("libopus.so.0", EntryPoint = "opus_decoder_destroy")]
    private static extern void Destroy(IntPtr decoder);
}
