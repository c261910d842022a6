using Comms.Media.Audio;

namespace Comms.Media.Session;

/// <summary>
/// Level of what one leg says, without leaving G.711: each code is mapped to the code of the scaled sample, by a table for each whole
/// decibel. Fixed, or following the speech towards one level. Owned by one leg; allocates nothing per packet.
/// </summary>
public sealed class LegGain
{
    public const int MinDb = -24;
    public const int MaxDb = 24;

    /// <summary>Speech is brought to this mean level: −20 dB of full scale leaves room for its peaks.</summary>
    private const int TargetDb = -20;

    /// <summary>Quieter packets are background: they must not be turned up.</summary>
    private const int SpeechFloorDb = -45;

    /// <summary>Codes of speech between two steps of one decibel: 100 ms, so that words keep their shape.</summary>
    private const int StepCodes = 800;

    private static readonly byte[]?[] Maps = new byte[2 * (MaxDb - MinDb + 1)][];

    private readonly bool _isAutomatic;
    private byte[] _map = [];
    private G711Law _law;
    private int _mappedDb = int.MinValue;
    private double _energy;
    private int _codes;

    public LegGain(int gainDb, bool isAutomatic)
    {
        GainDb = Math.Clamp(gainDb, MinDb, MaxDb);
        _isAutomatic = isAutomatic;
    }

    /// <summary>What is added now.</summary>
    public int GainDb { get; private set; }

    /// <summary>Scales <paramref name="codes"/> into <paramref name="scaled"/>, which is at least as long.</summary>
    public void Apply(G711Law law, ReadOnlySpan<byte> codes, Span<byte> scaled)
    {
        if (_isAutomatic) Follow(law, codes);
        if (GainDb != _mappedDb || law != _law) (_map, _mappedDb, _law) = (MapOf(law, GainDb), GainDb, law);
        for (int i = 0; i < codes.Length; i++) scaled[i] = _map[codes[i]];
    }

    private void Follow(G711Law law, ReadOnlySpan<byte> codes)
    {
        double energy = SpeechLevel.MeanSquare(law, codes);
        if (SpeechLevel.ToDb(energy) < SpeechFloorDb) return;
        _energy += energy * codes.Length;
        _codes += codes.Length;
        if (_codes < StepCodes) return;
        int level = (int)Math.Round(SpeechLevel.ToDb(_energy / _codes)) + GainDb;
        (_energy, _codes) = (0, 0);
        // Within 2 dB is good enough; more is closed by one decibel at a time, loud speech twice as fast as quiet.
        if (level > TargetDb + 2) GainDb = Math.Max(MinDb, GainDb - 2);
        else if (level < TargetDb - 2) GainDb = Math.Min(MaxDb, GainDb + 1);
    }

    private static byte[] MapOf(G711Law law, int gainDb)
    {
        ref byte[]? map = ref Maps[(gainDb - MinDb) * 2 + (int)law];
        return Volatile.Read(ref map) ?? Interlocked.CompareExchange(ref map, MakeMap(law, gainDb), null) ?? map!;
    }

    private static byte[] MakeMap(G711Law law, int gainDb)
    {
        double factor = Math.Pow(10, gainDb / 20.0);
        var map = new byte[256];
        for (int code = 0; code < map.Length; code++)
        {
            double sample = law == G711Law.ALaw ? G711.DecodeALaw((byte)code) : G711.DecodeMuLaw((byte)code);
            short scaled = (short)Math.Clamp(Math.Round(sample * factor), short.MinValue, short.MaxValue);
            map[code] = law == G711Law.ALaw ? G711.EncodeALaw(scaled) : G711.EncodeMuLaw(scaled);
        }

        return map;
    }
}
