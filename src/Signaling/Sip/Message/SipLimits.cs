namespace Comms.Signaling.Sip.Message;

/// <summary>Bounds of what the parser accepts, so that no message can cost more than its own size.</summary>
public static class SipLimits
{
    /// <summary>A UDP datagram cannot be larger; stream transports refuse a larger message with 513.</summary>
    public const int MessageBytes = 65_535;

    /// <summary>Header field lines; real messages have some 15 to 40.</summary>
    public const int HeaderFields = 256;

    /// <summary>One unfolded header value. The largest real one is an Identity or a Route set of a few kilobytes.</summary>
    public const int HeaderValueBytes = 16_384;

    /// <summary>Values taken from one comma-separated list, and parameters taken from one value.</summary>
    public const int ListValues = 128;
}
