using System.Buffers.Binary;

namespace Comms.Media.Wire.Ed137;

/// <summary>
/// What an ED-137 RTP header extension says of push-to-talk and squelch. Big-endian.
/// <code>
/// 0x0167: PTT type(3) SQU(1) PTT id(6) PM(1) PTTS(1) SCT(1) reserved(2) X(1) | features (X=1) or 16 zero bits
/// 0x0067: PTT type(3) SQU(1) PTT id(4) SCT(1) X(1) type(4) length(4) value(13) VF(1)
/// </code>
/// </summary>
public readonly record struct RadioHeader
{
    /// <summary>Profile, length and one word: an extension without features, in both forms.</summary>
    public const int PlainBytes = 8;

    /// <summary>The largest PTT id of the 0x0167 form; the older form has 15.</summary>
    public const byte MaxPttId = 63;

    private const byte MaxOldPttId = 15;

    public PttType Ptt { get; init; }

    /// <summary>The receiver hears a carrier.</summary>
    public bool IsSquelchOpen { get; init; }

    /// <summary>Who holds the transmitter: the number that the radio gave that session; 0 nobody.</summary>
    public byte PttId { get; init; }

    /// <summary>The receiver is muted while its transmitter is keyed. Only 0x0167.</summary>
    public bool IsPttMuted { get; init; }

    /// <summary>Several sessions key the transmitter and are summed. Only 0x0167.</summary>
    public bool IsPttSummation { get; init; }

    /// <summary>Two stations transmit at once.</summary>
    public bool IsSimultaneous { get; init; }

    /// <summary>
    /// Reads the words behind profile and length; <paramref name="features"/> then yields what follows. False: another profile, no word,
    /// or a feature of the older form that is longer than its 13 bits.
    /// </summary>
    public static bool TryParse(ushort profile, ReadOnlySpan<byte> words, out RadioHeader header, out RadioFeatureReader features)
    {
        header = default;
        features = default;
        if (words.Length < 4) return false;
        switch ((RadioHeaderForm)profile)
        {
            case RadioHeaderForm.Ed137B:
                ReadNew(words, out header, out features);
                return true;
            case RadioHeaderForm.Ed137:
                return TryReadOld(words, out header, out features);
            default:
                return false;
        }
    }

    /// <summary>Writes profile, length and one word without features: <see cref="PlainBytes"/>. An id too large for the older form becomes 0.</summary>
    public void Write(RadioHeaderForm form, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)form);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], form == RadioHeaderForm.Ed137 ? OldWord() : (uint)NewBits(hasFeatures: false) << 16);
    }

    /// <summary>The first 16 bits of the 0x0167 form.</summary>
    internal ushort NewBits(bool hasFeatures) => (ushort)(
        (int)Ptt << 13 | Bit(IsSquelchOpen, 0x1000) | (PttId & MaxPttId) << 6 | Bit(IsPttMuted, 0x20) | Bit(IsPttSummation, 0x10)
        | Bit(IsSimultaneous, 0x08) | Bit(hasFeatures, 0x01));

    /// <summary>The word of the 0x0067 form without a feature; VF stays 0.</summary>
    internal uint OldWord() =>
        (uint)Ptt << 29 | (IsSquelchOpen ? 0x1000_0000u : 0) | (PttId > MaxOldPttId ? 0u : PttId) << 24 | (IsSimultaneous ? 0x0080_0000u : 0);

    private static void ReadNew(ReadOnlySpan<byte> words, out RadioHeader header, out RadioFeatureReader features)
    {
        ushort bits = BinaryPrimitives.ReadUInt16BigEndian(words);
        header = new RadioHeader
        {
            Ptt = (PttType)(bits >> 13),
            IsSquelchOpen = (bits & 0x1000) != 0,
            PttId = (byte)(bits >> 6 & MaxPttId),
            IsPttMuted = (bits & 0x20) != 0,
            IsPttSummation = (bits & 0x10) != 0,
            IsSimultaneous = (bits & 0x08) != 0,
        };
        features = (bits & 0x01) != 0 ? new RadioFeatureReader(words[2..]) : default;
    }

    private static bool TryReadOld(ReadOnlySpan<byte> words, out RadioHeader header, out RadioFeatureReader features)
    {
        uint word = BinaryPrimitives.ReadUInt32BigEndian(words);
        header = new RadioHeader
        {
            Ptt = (PttType)(word >> 29),
            IsSquelchOpen = (word & 0x1000_0000) != 0,
            PttId = (byte)(word >> 24 & MaxOldPttId),
            IsSimultaneous = (word & 0x0080_0000) != 0,
        };
        features = (word & 0x0040_0000) != 0 ? new RadioFeatureReader(word) : default;
        return true;
    }

    private static int Bit(bool isSet, int mask) => isSet ? mask : 0;
}
