namespace Comms.Phones.Media;

/// <summary>What a phone's media path remembers of what it hears: one row of a table, no object.</summary>
internal struct Listener
{
    public uint Ssrc;
    public uint Rollover;
    public ushort NextSequence;
    public ushort LastBytes;

    /// <summary>The channel on slot 0; −1 before the join.</summary>
    public short Channel;

    /// <summary>Has decrypted a packet with its own key.</summary>
    public bool HasHeard;

    /// <summary>SRTP keys exist.</summary>
    public bool IsConnected;

    /// <summary>The burst the last packet belonged to, its first timestamp, and the packets of it so far.</summary>
    public int Burst;
    public uint FirstTimestamp;
    public int BurstPackets;

    public uint RtcpIndex;
    public uint CheckNumber;
    public uint CheckAnswered;
    public long Packets;
    public int Lost;
    public int Wrong;

    /// <summary>The newest burst of which Floor Taken arrived, by the server's id.</summary>
    public long TakenBurst;
}
