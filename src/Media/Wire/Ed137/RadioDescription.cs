using System.Globalization;
using Comms.Media.Wire.Sdp;

namespace Comms.Media.Wire.Ed137;

/// <summary>Which way a radio session goes. Attribute "txrxmode".</summary>
public enum RadioMode
{
    TransmitAndReceive,
    Transmit,
    Receive,
}

/// <summary>
/// What the SDP of a radio session says beyond any other audio: ED-137's own attributes. Read from an answer, written into an offer;
/// absent or senseless values are the standard's defaults.
/// </summary>
public sealed record RadioDescription
{
    /// <summary>"R2S/8000": a keep-alive without sound.</summary>
    public const byte KeepAlivePayloadType = 123;

    private const int MaxRepeats = 3;

    /// <summary>"Radio-TxRx" names a transceiver, "Radio" a radio in general, "Coupling" a coupled session.</summary>
    public string Type { get; init; } = "Radio-TxRx";

    public RadioMode Mode { get; init; } = RadioMode.TransmitAndReceive;

    /// <summary>The method by which best-signal selection judges; "" when none is named.</summary>
    public string BestSignalMethod { get; init; } = "RSSI";

    /// <summary>Which form of the header extension is spoken: 1 in "rtphe" is the form of ED-137B.</summary>
    public RadioHeaderForm Form { get; init; } = RadioHeaderForm.Ed137B;

    /// <summary>The number that the radio gave this session, or 0: whatever holds the transmitter under it is ours.</summary>
    public byte PttId { get; init; }

    /// <summary>So many further packets say that push-to-talk is off.</summary>
    public int PttRepeats { get; init; }

    public int KeepAlivePeriodMs { get; init; } = 200;

    public int KeepAliveMultiplier { get; init; } = 10;

    /// <summary>The frequency or channel that the session is for, as the operator names it: "118.005".</summary>
    public string FrequencyId { get; init; } = "";

    /// <summary>A radio that is tuned away keeps its session. ED-137C.</summary>
    public bool StaysOnFrequencyChange { get; init; }

    /// <summary>Nothing heard this long: the session is dead. WG67 cause 2001.</summary>
    public int SilenceLimitMs => KeepAlivePeriodMs * KeepAliveMultiplier;

    /// <summary>Reads the attributes of an audio section; those of the session count where the section has none.</summary>
    public static RadioDescription Read(SdpSession session, SdpMedia media)
    {
        string Value(string name) => session.Value(media, name) ?? "";
        bool Has(string name) => media.Has(name) || session.Attributes.Any(attribute => attribute.Name == name);
        return new RadioDescription
        {
            Type = Value("type") is { Length: > 0 } type ? type : "Radio",
            Mode = Value("txrxmode") switch
            {
                "Tx" => RadioMode.Transmit,
                "Rx" => RadioMode.Receive,
                _ => RadioMode.TransmitAndReceive,
            },
            BestSignalMethod = Value("bss"),
            Form = Value("rtphe") == "0" ? RadioHeaderForm.Ed137 : RadioHeaderForm.Ed137B,
            PttId = (byte)Number(Value("ptt-id"), 0, RadioHeader.MaxPttId, 0),
            PttRepeats = Number(Value("ptt_rep"), 0, MaxRepeats, 0),
            KeepAlivePeriodMs = Number(Value("R2S-KeepAlivePeriod"), 20, 1_000, 200),
            KeepAliveMultiplier = Number(Value("R2S-KeepAliveMultiplier"), 2, 50, 10),
            FrequencyId = Value("fid"),
            StaysOnFrequencyChange = Has("NoFreqDisconn"),
        };
    }

    /// <summary>The attributes to write beside an audio section's own, with the keep-alive's payload type among its formats.</summary>
    public IEnumerable<SdpAttribute> Attributes()
    {
        yield return new("rtpmap", $"{KeepAlivePayloadType} R2S/8000");
        yield return new("type", Type);
        yield return new("txrxmode", Mode switch { RadioMode.Transmit => "Tx", RadioMode.Receive => "Rx", _ => "TxRx" });
        if (BestSignalMethod.Length > 0) yield return new("bss", BestSignalMethod);
        yield return new("sigtime", "1");
        yield return new("ptt_rep", Text(PttRepeats));
        yield return new("rtphe", Form == RadioHeaderForm.Ed137 ? "0" : "1");
        yield return new("R2S-KeepAlivePeriod", Text(KeepAlivePeriodMs));
        yield return new("R2S-KeepAliveMultiplier", Text(KeepAliveMultiplier));
        yield return new("interval", "20");
        if (PttId != 0) yield return new("ptt-id", Text(PttId));
        if (FrequencyId.Length > 0) yield return new("fid", FrequencyId);
        if (StaysOnFrequencyChange) yield return new("NoFreqDisconn");
    }

    private static int Number(string text, int least, int most, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value : otherwise;

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
