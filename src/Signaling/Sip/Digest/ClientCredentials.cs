namespace Comms.Signaling.Sip.Digest;

/// <summary>What we prove ourselves with to a peer that challenges us: a trunk, a PBX, a proxy. Never logged.</summary>
public sealed record ClientCredentials(string UserName, string Password)
{
    public override string ToString() => $"credentials of {UserName}";
}
