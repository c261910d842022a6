using Comms.Media.Wire.Opus;

namespace Comms.Media.Audio;

/// <summary>Opus as 8 kHz speech, with in-band redundancy and libopus' own concealment.</summary>
internal sealed class OpusSpeechDecoder : ISpeechDecoder, IDisposable
{
    /// <summary>libopus conceals in multiples of 2.5 ms.</summary>
    private const int StepSamples = 20;

    private readonly OpusDecoder _decoder = new(G711.SamplesPerSecond);

    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm) => _decoder.Decode(payload, pcm);

    public void Conceal(ReadOnlySpan<byte> next, Span<short> pcm)
    {
        int samples = pcm.Length / StepSamples * StepSamples;
        int written = 0;
        if (samples > 0)
            written = CanRecover(next) ? _decoder.DecodeLost(next, pcm[..samples]) : _decoder.Conceal(pcm[..samples]);
        pcm[written..].Clear();
    }

    public void Reset() => _decoder.Reset();

    public void Dispose() => _decoder.Dispose();

    // Only the linear-prediction layer carries redundancy about the frame before. RFC 6716 §2.1.7.
    private static bool CanRecover(ReadOnlySpan<byte> next) => !next.IsEmpty && new OpusToc(next[0]).Mode != OpusMode.Celt;
}
