namespace Comms.Media.Audio;

/// <summary>Turns one codec's payloads into 8 kHz mono PCM and covers what was lost. Owned by one loop.</summary>
internal interface ISpeechDecoder
{
    /// <summary>Decodes one payload of up to 120 ms; returns the samples written, 0 when the payload is refused.</summary>
    int Decode(ReadOnlySpan<byte> payload, Span<short> pcm);

    /// <summary>Fills <paramref name="pcm"/> with what was lost; <paramref name="next"/> is the payload behind the loss, if it is there.</summary>
    void Conceal(ReadOnlySpan<byte> next, Span<short> pcm);

    /// <summary>Another talker begins.</summary>
    void Reset();
}
