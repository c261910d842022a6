using Comms.Media.Audio;
using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// VOX: whether somebody speaks on a line whose background changes. The noise floor falls at once and rises slowly; speech is what
/// stands above it. Sans-IO: codes and time in, one state out. Owned by one leg.
/// </summary>
public sealed class VoiceSwitch(int thresholdDb, int hangMs)
{
    /// <summary>A click is shorter than this.</summary>
    private const int AttackMs = 40;

    /// <summary>Below this nothing counts as speech, however still the line: −50 dB of full scale.</summary>
    private const double LeastDb = -50;

    /// <summary>The floor climbs so fast under a steady sound: an engine that starts is background within ten seconds.</summary>
    private const double RiseDbPerSecond = 3;

    /// <summary>The floor that is assumed before anything was heard.</summary>
    private const double FirstFloorDb = -65;

    private double _floorDb = FirstFloorDb;
    private int _loudMs;
    private Instant _quietAt;

    public bool IsOpen { get; private set; }

    /// <summary>The tracked background in decibels below full scale.</summary>
    public double FloorDb => _floorDb;

    /// <summary>When an open switch closes without further speech.</summary>
    public Instant NextDeadline => IsOpen ? _quietAt : Instant.Never;

    public void Handle(G711Law law, ReadOnlySpan<byte> codes, Instant now)
    {
        if (codes.IsEmpty) return;
        int ms = codes.Length * 1_000 / G711.SamplesPerSecond;
        double level = SpeechLevel.ToDb(SpeechLevel.MeanSquare(law, codes));
        _floorDb = level < _floorDb ? Math.Max(level, -90) : Math.Min(level, _floorDb + RiseDbPerSecond * ms / 1_000);
        bool isLoud = level > LeastDb && level > _floorDb + thresholdDb;
        _loudMs = isLoud ? _loudMs + ms : 0;
        if (isLoud) _quietAt = now.AddMs(hangMs);
        if (_loudMs >= AttackMs) IsOpen = true;
    }

    public void HandleTimeout(Instant now)
    {
        if (IsOpen && now >= _quietAt) (IsOpen, _loudMs) = (false, 0);
    }
}
