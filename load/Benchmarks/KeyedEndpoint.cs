using System.Security.Cryptography;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Numbers;

namespace Comms.Benchmarks;

/// <summary>Random keys instead of a handshake, where handshakes are not what is measured.</summary>
internal sealed class KeyedEndpoint(SrtpProfile profile) : IDtlsEndpoint
{
    public DtlsState State { get; private set; }

    public DtlsFailure Failure => DtlsFailure.None;

    public DtlsSrtpKeys? Keys { get; } = new(profile, Master(profile), Master(profile));

    public Instant NextDeadline => Instant.Never;

    public void HandleDatagram(ReadOnlySpan<byte> datagram, Instant now) => State = DtlsState.Connected;

    public void HandleTimeout(Instant now)
    {
    }

    public bool TryPollTransmit(Span<byte> datagram, out int length)
    {
        length = 0;
        return false;
    }

    public void Dispose()
    {
    }

    private static SrtpMasterKey Master(SrtpProfile profile) =>
        new(profile, RandomNumberGenerator.GetBytes(SrtpProfileSizes.KeyBytes), RandomNumberGenerator.GetBytes(profile.SaltBytes));
}
