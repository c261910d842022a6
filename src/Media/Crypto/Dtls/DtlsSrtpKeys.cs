using System.Security.Cryptography;

namespace Comms.Media.Crypto.Dtls;

/// <summary>Keys of both directions as seen from this side: what we send with, and what the peer sends with. RFC 5764 §4.2.</summary>
public sealed record DtlsSrtpKeys(SrtpProfile Profile, SrtpMasterKey Local, SrtpMasterKey Remote)
{
    /// <summary>Overwrites the master keys, once session keys are made of them.</summary>
    public void Erase()
    {
        CryptographicOperations.ZeroMemory(Local.Key);
        CryptographicOperations.ZeroMemory(Remote.Key);
    }

    /// <summary>Label of the exporter. RFC 5764 §4.2.</summary>
    internal const string ExporterLabel = "EXTRACTOR-dtls_srtp";

    /// <summary>Bytes to export: two keys and two salts.</summary>
    internal static int ExportedBytes(SrtpProfile profile) => 2 * (SrtpProfileSizes.KeyBytes + profile.SaltBytes);

    /// <summary>Splits exported keying material: client key, server key, client salt, server salt.</summary>
    internal static DtlsSrtpKeys Split(SrtpProfile profile, DtlsRole role, ReadOnlySpan<byte> exported)
    {
        const int Key = SrtpProfileSizes.KeyBytes;
        int salt = profile.SaltBytes;
        var client = new SrtpMasterKey(profile, exported[..Key].ToArray(), exported.Slice(2 * Key, salt).ToArray());
        var server = new SrtpMasterKey(profile, exported.Slice(Key, Key).ToArray(), exported.Slice(2 * Key + salt, salt).ToArray());
        return role == DtlsRole.Server ? new(profile, server, client) : new(profile, client, server);
    }
}
