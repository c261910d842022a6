namespace Comms.Media.Wire.Sdp;

/// <summary>An a= line: a property ("a=rtcp-mux", <paramref name="Value"/> null) or a value ("a=mid:0"). RFC 8866 §5.13.</summary>
public readonly record struct SdpAttribute(string Name, string? Value = null)
{
    public override string ToString() => Value is null ? Name : $"{Name}:{Value}";
}

/// <summary>A b= line, for example AS:512 in kbit/s. RFC 8866 §5.8.</summary>
public readonly record struct SdpBandwidth(string Type, long Value);

/// <summary>A c= line. <paramref name="Address"/> is without multicast TTL; it may be a host name. RFC 8866 §5.7.</summary>
public readonly record struct SdpConnection(bool IsIPv6, string Address);

/// <summary>The o= line. RFC 8866 §5.2.</summary>
public sealed record SdpOrigin(string Username, string SessionId, string Version, bool IsIPv6, string Address)
{
    public static readonly SdpOrigin None = new("-", "0", "0", false, "0.0.0.0");
}

/// <summary>Which way media flows, from the describer's point of view. RFC 8866 §6.7.</summary>
public enum SdpDirection
{
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

/// <summary>An a=rtcp-fb line: payload type (null for "*") and the rest, for example "nack pli". RFC 4585 §4.2.</summary>
public readonly record struct SdpRtcpFeedback(byte? PayloadType, string Feedback);

/// <summary>An a=fingerprint line. RFC 8122 §5.</summary>
public sealed record SdpFingerprint(string Algorithm, byte[] Hash);

/// <summary>An a=group line, for example BUNDLE 0 1. RFC 5888 §5.</summary>
public sealed record SdpGroup(string Semantics, IReadOnlyList<string> Mids);
