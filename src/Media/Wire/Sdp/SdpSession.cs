namespace Comms.Media.Wire.Sdp;

/// <summary>One session description. RFC 8866. Signaling only: reading and writing allocate.</summary>
public sealed record SdpSession
{
    public SdpOrigin Origin { get; init; } = SdpOrigin.None;

    public string Name { get; init; } = "-";

    public SdpConnection? Connection { get; init; }

    public IReadOnlyList<SdpBandwidth> Bandwidths { get; init; } = [];

    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    public IReadOnlyList<SdpMedia> Media { get; init; } = [];

    /// <summary>The value of the first session attribute of that name, or null.</summary>
    public string? Value(string name)
    {
        foreach (var attribute in Attributes)
            if (attribute.Name == name && attribute.Value is not null) return attribute.Value;
        return null;
    }

    /// <summary>A section's own value, or the session's where the section has none.</summary>
    public string? Value(SdpMedia media, string name) => media.Value(name) ?? Value(name);

    /// <summary>A section's own c= line or the session's.</summary>
    public SdpConnection? ConnectionOf(SdpMedia media) => media.Connection ?? Connection;

    /// <summary>A section's direction, else the session's, else sendrecv. RFC 8866 §6.7.</summary>
    public SdpDirection DirectionOf(SdpMedia media) => ReadDirection(media.Attributes) ?? ReadDirection(Attributes) ?? SdpDirection.SendRecv;

    /// <summary>All fingerprints that hold for a section; malformed ones are left out. RFC 8122 §5.</summary>
    public IReadOnlyList<SdpFingerprint> FingerprintsOf(SdpMedia media)
    {
        var own = ReadFingerprints(media.Attributes);
        return own.Count > 0 ? own : ReadFingerprints(Attributes);
    }

    /// <summary>The a=group lines of one kind, for example "BUNDLE".</summary>
    public IEnumerable<SdpGroup> Groups(string semantics)
    {
        foreach (var attribute in Attributes)
        {
            if (attribute.Name != "group" || attribute.Value is null) continue;
            string[] words = attribute.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0] == semantics) yield return new SdpGroup(words[0], words[1..]);
        }
    }

    public override string ToString() => SdpWriter.Write(this);

    private static SdpDirection? ReadDirection(IReadOnlyList<SdpAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Value is not null) continue;
            switch (attribute.Name)
            {
                case "sendrecv": return SdpDirection.SendRecv;
                case "sendonly": return SdpDirection.SendOnly;
                case "recvonly": return SdpDirection.RecvOnly;
                case "inactive": return SdpDirection.Inactive;
            }
        }

        return null;
    }

    private static List<SdpFingerprint> ReadFingerprints(IReadOnlyList<SdpAttribute> attributes)
    {
        var fingerprints = new List<SdpFingerprint>();
        foreach (var attribute in attributes)
        {
            if (attribute.Name != "fingerprint" || attribute.Value is null) continue;
            int space = attribute.Value.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && TryReadHash(attribute.Value.AsSpan(space + 1).Trim(), out byte[] hash))
                fingerprints.Add(new SdpFingerprint(attribute.Value[..space], hash));
        }

        return fingerprints;
    }

    private static bool TryReadHash(ReadOnlySpan<char> text, out byte[] hash)
    {
        hash = new byte[(text.Length + 1) / 3];
        if (hash.Length is 0 or > 64 || text.Length != hash.Length * 3 - 1) return false;
        for (int i = 0; i < hash.Length; i++)
        {
            if (i > 0 && text[3 * i - 1] != ':') return false;
            if (Convert.FromHexString(text.Slice(3 * i, 2), hash.AsSpan(i, 1), out _, out _) != System.Buffers.OperationStatus.Done) return false;
        }

        return true;
    }
}
