namespace Comms.Media.Wire.Ed137;

/// <summary>How a transmitter is keyed. ED-137 volume 1; the higher number wins at the radio.</summary>
public enum PttType : byte
{
    Off = 0,
    Normal = 1,
    Coupling = 2,
    Priority = 3,
    Emergency = 4,

    /// <summary>Since ED-137A.</summary>
    Test = 5,
}

/// <summary>The two forms of the RTP header extension, by the profile that stands in front of it.</summary>
public enum RadioHeaderForm : ushort
{
    /// <summary>ED-137 of 2009: one word, one feature at the most, and the bit VF.</summary>
    Ed137 = 0x0067,

    /// <summary>ED-137A, B and C: 16 bits, then features as type, length and value.</summary>
    Ed137B = 0x0167,
}
