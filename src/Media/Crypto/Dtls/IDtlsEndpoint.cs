using Comms.Media.Numbers;

namespace Comms.Media.Crypto.Dtls;

/// <summary>
/// One DTLS-SRTP association (RFC 5764). Owned by the session's loop: one Handle call, then drain <see cref="TryPollTransmit"/> and read
/// <see cref="State"/>. The implementation's retransmission timer reads the real clock, so <see cref="HandleTimeout"/> may find nothing
/// due yet; <see cref="NextDeadline"/> then says when to come again.
/// </summary>
public interface IDtlsEndpoint : IDisposable
{
    DtlsState State { get; }

    /// <summary>Why the state is <see cref="DtlsState.Failed"/>.</summary>
    DtlsFailure Failure { get; }

    /// <summary>The SRTP keys once <see cref="DtlsState.Connected"/>; null before.</summary>
    DtlsSrtpKeys? Keys { get; }

    /// <summary>The next moment for <see cref="HandleTimeout"/>; <see cref="Instant.Never"/> when nothing is pending.</summary>
    Instant NextDeadline { get; }

    /// <summary>Takes one datagram whose source passed an authenticated ICE check. Anything unreadable is ignored.</summary>
    void HandleDatagram(ReadOnlySpan<byte> datagram, Instant now);

    /// <summary>Sends the current flight again when its time has come, or gives up.</summary>
    void HandleTimeout(Instant now);

    /// <summary>Takes the next datagram to send, at most <see cref="DtlsLimits.MtuBytes"/> long. False: none.</summary>
    bool TryPollTransmit(Span<byte> datagram, out int length);
}
