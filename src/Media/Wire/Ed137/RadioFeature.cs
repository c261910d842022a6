using System.Buffers.Binary;

namespace Comms.Media.Wire.Ed137;

/// <summary>Types of the features in an ED-137 header extension; 0xB to 0xF are a vendor's own.</summary>
public enum RadioFeatureType : byte
{
    /// <summary>Nothing follows but padding.</summary>
    None = 0,

    /// <summary>How well the receiver hears: one byte.</summary>
    SignalQuality = 1,

    /// <summary>The delay that CLIMAX asks for: one byte.</summary>
    ClimaxDelay = 2,

    /// <summary>Which transmitters and receivers are selected: one byte of flags.</summary>
    RemoteControl = 3,

    /// <summary>A measurement of the delay between the sites: 3, 12 or 14 bytes.</summary>
    DynamicDelay = 4,
}

/// <summary>How well a receiver hears a carrier: five bits by one of eight methods (0 RSSI, 1 AGC, 2 C/N, 3 PSD, 4 to 7 a vendor's).</summary>
public readonly record struct SignalQuality(byte Value, byte Method)
{
    public const byte MaxValue = 31;

    internal byte ToByte() => (byte)(Value << 3 | Method & 0x07);

    internal static SignalQuality FromByte(byte bits) => new((byte)(bits >> 3), (byte)(bits & 0x07));
}

/// <summary>The delay to apply at a transmitter, relative to the other sites' or absolute. 7 bits.</summary>
public readonly record struct ClimaxDelay(bool IsAbsolute, byte Value)
{
    internal byte ToByte() => (byte)((IsAbsolute ? 0x80 : 0) | Value & 0x7F);

    internal static ClimaxDelay FromByte(byte bits) => new((bits & 0x80) != 0, (byte)(bits & 0x7F));
}

/// <summary>Radio remote control: main or stand-by of two frequencies, selected ones and muted receivers.</summary>
[Flags]
public enum RadioRemoteControl : byte
{
    None = 0,
    MuteReceiverF2 = 0x01,
    MuteReceiverF1 = 0x02,
    SelectedTransmitterF2 = 0x04,
    SelectedTransmitterF1 = 0x08,
    MainReceiverF2 = 0x10,
    MainTransmitterF2 = 0x20,
    MainReceiverF1 = 0x40,
    MainTransmitterF1 = 0x80,
}

/// <summary>The question of a delay measurement. Times count units of 125 µs, 23 bits.</summary>
public readonly record struct DelayRequest(bool IsQualified, int T1);

/// <summary>The answer to a <see cref="DelayRequest"/>, as ED-137B has it; ED-137C adds <see cref="Ts2"/>. Units of 125 µs.</summary>
public readonly record struct DelayResponse
{
    public bool IsQualified { get; init; }

    /// <summary>Copied from the question. 23 bits.</summary>
    public int T1 { get; init; }

    /// <summary>No new measurement is wanted.</summary>
    public bool IsLastRequest { get; init; }

    /// <summary>When the question came. 23 bits.</summary>
    public int T2 { get; init; }

    /// <summary>From the question's arrival to this answer's sending.</summary>
    public ushort Tsd { get; init; }

    /// <summary>The jitter buffer's delay.</summary>
    public ushort Tj1 { get; init; }

    /// <summary>From the jitter buffer to the antenna.</summary>
    public ushort Tid { get; init; }

    /// <summary>ED-137C: the sender's own delay; null in the form of ED-137B.</summary>
    public ushort? Ts2 { get; init; }
}

/// <summary>One feature; its value aliases the packet, except in the older form, whose 13 bits stand in two bytes.</summary>
public readonly ref struct RadioFeature
{
    private const int TimeMask = 0x7F_FFFF;

    public RadioFeatureType Type { get; init; }

    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>False: another type or length.</summary>
    public bool TryReadQuality(out SignalQuality quality)
    {
        quality = Value.Length == 1 ? SignalQuality.FromByte(Value[0]) : default;
        return Type == RadioFeatureType.SignalQuality && Value.Length == 1;
    }

    public bool TryReadClimaxDelay(out ClimaxDelay delay)
    {
        delay = Value.Length == 1 ? ClimaxDelay.FromByte(Value[0]) : default;
        return Type == RadioFeatureType.ClimaxDelay && Value.Length == 1;
    }

    public bool TryReadRemoteControl(out RadioRemoteControl control)
    {
        control = Value.Length == 1 ? (RadioRemoteControl)Value[0] : default;
        return Type == RadioFeatureType.RemoteControl && Value.Length == 1;
    }

    public bool TryReadDelayRequest(out DelayRequest request)
    {
        request = default;
        if (Type != RadioFeatureType.DynamicDelay || Value.Length != RadioFeatureWriter.RequestBytes) return false;
        int word = Read24(Value);
        request = new DelayRequest(word > TimeMask, word & TimeMask);
        return true;
    }

    public bool TryReadDelayResponse(out DelayResponse response)
    {
        response = default;
        if (Type != RadioFeatureType.DynamicDelay || Value.Length is not (RadioFeatureWriter.ResponseBytes or RadioFeatureWriter.ResponseBytes + 2)) return false;
        int first = Read24(Value), second = Read24(Value[3..]);
        response = new DelayResponse
        {
            IsQualified = first > TimeMask,
            T1 = first & TimeMask,
            IsLastRequest = second > TimeMask,
            T2 = second & TimeMask,
            Tsd = BinaryPrimitives.ReadUInt16BigEndian(Value[6..]),
            Tj1 = BinaryPrimitives.ReadUInt16BigEndian(Value[8..]),
            Tid = BinaryPrimitives.ReadUInt16BigEndian(Value[10..]),
            Ts2 = Value.Length > RadioFeatureWriter.ResponseBytes ? BinaryPrimitives.ReadUInt16BigEndian(Value[12..]) : null,
        };
        return true;
    }

    private static int Read24(ReadOnlySpan<byte> bytes) => bytes[0] << 16 | bytes[1] << 8 | bytes[2];
}
