namespace Comms.Media.Audio;

/// <summary>
/// Conceals lost 8 kHz speech for codecs that cannot do it themselves: the last pitch period is repeated while it fades out, and
/// the speech that returns is faded in over it. Works on the decoder's own output, adds no delay.
/// </summary>
public sealed class PitchConcealment
{
    private const int SamplesPerMs = G711.SamplesPerSecond / 1_000;

    /// <summary>Pitch periods searched: 400 Hz down to 50 Hz.</summary>
    private const int MinPeriod = 20;
    private const int MaxPeriod = 160;

    /// <summary>How much speech is compared with itself one period earlier: 20 ms.</summary>
    private const int MatchSamples = 160;
    private const int HistorySamples = MaxPeriod + MatchSamples;

    /// <summary>Full volume this long, because most losses are one packet.</summary>
    private const int HoldSamples = 20 * SamplesPerMs;

    /// <summary>Then silence is reached after this time; a longer repetition sounds like a machine.</summary>
    private const int FadeSamples = 50 * SamplesPerMs;

    /// <summary>Returning speech is blended with the repetition this long.</summary>
    private const int BlendSamples = 5 * SamplesPerMs;

    private readonly short[] _history = new short[HistorySamples];
    private readonly float[] _period = new float[MaxPeriod];
    private int _periodSamples;
    private int _phase;
    private int _concealed;

    /// <summary>Forgets the last talker.</summary>
    public void Reset()
    {
        Array.Clear(_history);
        _concealed = 0;
    }

    /// <summary>Takes decoded speech; right after a loss its beginning is blended in place.</summary>
    public void Accept(Span<short> pcm)
    {
        if (_concealed > 0) Blend(pcm[..Math.Min(pcm.Length, BlendSamples)]);
        _concealed = 0;
        Remember(pcm);
    }

    /// <summary>Fills <paramref name="pcm"/> with the continuation of the last speech.</summary>
    public void Conceal(Span<short> pcm)
    {
        if (_concealed == 0) TakePeriod();
        for (int i = 0; i < pcm.Length; i++) pcm[i] = Next();
        Remember(pcm);
    }

    private void Blend(Span<short> pcm)
    {
        for (int i = 0; i < pcm.Length; i++)
        {
            float share = (i + 1f) / (pcm.Length + 1);
            pcm[i] = (short)(pcm[i] * share + Next() * (1 - share));
        }
    }

    private short Next()
    {
        float gain = Math.Clamp(1 - (float)(_concealed - HoldSamples) / FadeSamples, 0, 1);
        _concealed++;
        float sample = _period[_phase] * gain;
        _phase = (_phase + 1) % _periodSamples;
        return (short)sample;
    }

    // The end of the period is blended towards what came before it, so that its repetition joins without a click.
    private void TakePeriod()
    {
        _periodSamples = FindPeriod();
        _phase = 0;
        int start = HistorySamples - _periodSamples;
        int blend = _periodSamples / 4;
        for (int i = 0; i < _periodSamples; i++)
        {
            float share = Math.Max(0, (i - (_periodSamples - blend) + 1f) / (blend + 1));
            _period[i] = _history[start + i] * (1 - share) + _history[start + i - _periodSamples] * share;
        }
    }

    // The lag at which the last 20 ms resemble the speech before them most, by normalised correlation.
    private int FindPeriod()
    {
        int best = MaxPeriod;
        double bestScore = 0;
        for (int period = MinPeriod; period <= MaxPeriod; period++)
        {
            double product = 0;
            double energy = 1;
            for (int i = HistorySamples - MatchSamples; i < HistorySamples; i++)
            {
                double earlier = _history[i - period];
                product += _history[i] * earlier;
                energy += earlier * earlier;
            }

            double score = product <= 0 ? 0 : product * product / energy;
            // A multiple of the pitch fits as well as the pitch itself: it must be clearly better to be taken.
            if (score <= bestScore * 1.05) continue;
            bestScore = score;
            best = period;
        }

        return best;
    }

    private void Remember(ReadOnlySpan<short> pcm)
    {
        if (pcm.Length >= HistorySamples)
        {
            pcm[^HistorySamples..].CopyTo(_history);
            return;
        }

        _history.AsSpan(pcm.Length).CopyTo(_history);
        pcm.CopyTo(_history.AsSpan(HistorySamples - pcm.Length));
    }
}
