namespace Comms.Media.Audio;

/// <summary>Encodes mono PCM at one fixed rate to Opus for speech. Owned by one loop.</summary>
public sealed class OpusEncoder : IDisposable
{
    /// <summary>
    /// Complexity 5 of 10: at 24 kbit/s the voice of an 8 kHz source gains nothing audible above it, and a loop pays per channel.
    /// </summary>
    private const int Complexity = 5;

    /// <summary>Switches in-band redundancy on for this expected loss; listeners on radio links lose a few per cent.</summary>
    private const int ExpectedLossPercent = 5;

    private readonly OpusEncoderHandle _handle;

    /// <summary>Makes an encoder for 8,000, 12,000, 16,000, 24,000 or 48,000 samples per second.</summary>
    public OpusEncoder(int samplesPerSecond, int bitsPerSecond)
    {
        SamplesPerSecond = samplesPerSecond;
        _handle = LibOpus.CreateEncoder(samplesPerSecond, 1, LibOpus.ApplicationVoip, out int error);
        if (error != LibOpus.Ok) throw new InvalidOperationException($"libopus made no encoder: error {error}.");
        Set(LibOpus.SetBitrate, bitsPerSecond);
        Set(LibOpus.SetComplexity, Complexity);
        Set(LibOpus.SetSignal, LibOpus.SignalVoice);
        Set(LibOpus.SetInbandFec, 1);
        Set(LibOpus.SetPacketLossPercent, ExpectedLossPercent);
        // A frame of two bytes or less ends every merged packet early, so silence is sent as ordinary frames.
        Set(LibOpus.SetDtx, 0);
    }

    public int SamplesPerSecond { get; }

    /// <summary>Encodes one frame of 2.5, 5, 10, 20, 40 or 60 ms. Returns the packet's bytes, 0 when it does not fit.</summary>
    public unsafe int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
    {
        fixed (short* samples = pcm)
        fixed (byte* bytes = packet)
        {
            int written = LibOpus.Encode(_handle, samples, pcm.Length, bytes, packet.Length);
            return written < 0 ? 0 : written;
        }
    }

    /// <summary>Forgets the last talker.</summary>
    public void Reset() => _ = LibOpus.Control(_handle, LibOpus.ResetState);

    public void Dispose() => _handle.Dispose();

    private void Set(int request, int value)
    {
        int error = LibOpus.Control(_handle, request, value);
        if (error != LibOpus.Ok) throw new InvalidOperationException($"libopus refused setting {request} = {value}: error {error}.");
    }
}
