namespace Comms.Media.Session;

/// <summary>What the browser sessions of one loop did, for metrics. Written by that loop; any thread may read a recent value.</summary>
public sealed class SessionCounters
{
    private long _srtpSent;
    private long _redundantSent;
    private long _handshakesDone;
    private long _handshakesFailed;

    /// <summary>SRTP packets given to the socket: voice, video and what was sent again.</summary>
    public long SrtpSent => Volatile.Read(ref _srtpSent);

    /// <summary>Voice packets that carried the one before as well, for listeners that report loss.</summary>
    public long RedundantSent => Volatile.Read(ref _redundantSent);

    /// <summary>Sessions that became connected.</summary>
    public long HandshakesDone => Volatile.Read(ref _handshakesDone);

    /// <summary>Sessions that ended in their handshake: a wrong fingerprint, a fault, or too late.</summary>
    public long HandshakesFailed => Volatile.Read(ref _handshakesFailed);

    public void CountSrtpSent() => _srtpSent++;

    public void CountRedundant() => _redundantSent++;

    public void CountHandshake(bool isDone)
    {
        if (isDone) _handshakesDone++;
        else _handshakesFailed++;
    }
}
