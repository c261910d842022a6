using System.Buffers.Binary;
using Comms.Phones.Figures;

namespace Comms.Phones.Sip;

/// <summary>
/// What one simulated SIP phone hears: packets, gaps in their numbers, and the beginnings of marks (a tone after a pause), whose
/// time of capture is known.
/// </summary>
internal sealed class LegEar
{
    private const int HeaderBytes = 12;
    private const long FrameNs = 20_000_000;
    private const long LateNs = 60_000_000;
    private const int QuietFrames = 5;

    private long _fromNs;
    private long _untilNs;
    private long _marksBeginNs;
    private long _expectedNs;
    private ushort _next;
    private bool _hasFirst;
    private bool _isListening;
    private int _quiet;

    public bool IsTaken { get; set; }

    public bool IsFailed { get; set; }

    /// <summary>Packets since the call began.</summary>
    public long Packets { get; private set; }

    /// <summary>Packets while listening.</summary>
    public long Counted { get; private set; }

    public long Lost { get; private set; }

    public long Late { get; private set; }

    public long Marks { get; private set; }

    public Histogram? Delays { get; private set; }

    public void Clear()
    {
        Packets = 0;
        IsFailed = false;
    }

    /// <summary>Counts from now on, until then; marks began at that moment.</summary>
    public void Listen(long fromNs, long untilNs, long marksBeginNs)
    {
        (_fromNs, _untilNs, _marksBeginNs) = (fromNs, untilNs, marksBeginNs);
        (Counted, Lost, Late, Marks, _hasFirst, _quiet) = (0, 0, 0, 0, false, 0);
        Delays = new Histogram();
        _isListening = true;
    }

    public void EndOfTalk() => _isListening = false;

    public void Hear(ReadOnlySpan<byte> packet, long arrivalNs)
    {
        if (packet.Length <= HeaderBytes || (packet[1] & 127) > 8) return;
        Packets++;
        if (!_isListening || arrivalNs < _fromNs || arrivalNs > _untilNs) return;
        Counted++;
        Place(BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), arrivalNs);
        LookForMark(packet[HeaderBytes..], arrivalNs);
    }

    // A packet is late when it comes after its place in the stream, counted from the earliest that any packet set.
    private void Place(ushort sequence, long arrivalNs)
    {
        if (!_hasFirst)
        {
            _hasFirst = true;
            _expectedNs = arrivalNs;
            _next = (ushort)(sequence + 1);
            return;
        }

        int gap = (short)(sequence - _next);
        if (gap < 0)
        {
            // It was counted as lost when a later one overtook it.
            Lost--;
            Late++;
            return;
        }

        Lost += gap;
        _next = (ushort)(sequence + 1);
        _expectedNs += (gap + 1) * FrameNs;
        if (arrivalNs - _expectedNs > LateNs) Late++;
        if (arrivalNs < _expectedNs) _expectedNs = arrivalNs;
    }

    private void LookForMark(ReadOnlySpan<byte> codes, long arrivalNs)
    {
        int at = MarkedSpeech.FindLoud(codes);
        if (at < 0)
        {
            _quiet++;
            return;
        }

        if (_quiet >= QuietFrames)
        {
            long since = (arrivalNs - _marksBeginNs) % MarkedSpeech.PeriodNs;
            Delays!.AddNs(since - MarkedSpeech.ToneAtNs < 0 ? since - MarkedSpeech.ToneAtNs + MarkedSpeech.PeriodNs : since - MarkedSpeech.ToneAtNs);
            Marks++;
        }

        _quiet = 0;
    }
}

/// <summary>What the listeners of a talk heard together.</summary>
public sealed class LegHearing
{
    private const int FrameMs = 20;

    /// <summary>The window may cut one packet or mark off at either end.</summary>
    private const int Edge = 2;

    public int Listeners { get; private set; }

    public long Packets { get; private set; }

    /// <summary>Missing numbers, packets that did not come at all, and marks that were not heard.</summary>
    public long Lost { get; private set; }

    public long Late { get; private set; }

    /// <summary>From the capture of a mark's first sample to the arrival of the packet that holds it.</summary>
    public Histogram Delays { get; } = new();

    internal void Add(LegEar ear, int milliseconds)
    {
        Listeners++;
        Packets += ear.Counted;
        long absent = Math.Max(0, milliseconds / FrameMs - Edge - ear.Counted);
        long unheard = Math.Max(0, milliseconds * 1_000_000L / MarkedSpeech.PeriodNs - 1 - ear.Marks);
        Lost += Math.Max(ear.Lost, absent) + unheard;
        Late += ear.Late;
        Delays.Add(ear.Delays!);
    }
}
