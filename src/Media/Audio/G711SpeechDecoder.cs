namespace Comms.Media.Audio;

/// <summary>G.711 as speech, with the repetition of pitch periods for what is lost.</summary>
internal sealed class G711SpeechDecoder : ISpeechDecoder
{
    private readonly PitchConcealment _concealment = new();

    public G711Law Law { get; set; }

    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm)
    {
        if (payload.Length > pcm.Length) return 0;
        G711.Decode(Law, payload, pcm);
        _concealment.Accept(pcm[..payload.Length]);
        return payload.Length;
    }

    public void Conceal(ReadOnlySpan<byte> next, Span<short> pcm) => _concealment.Conceal(pcm);

    public void Reset() => _concealment.Reset();
}
