using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// Where a session writes datagrams: room is reserved, filled in place and committed, so that protecting needs no copy. Used on
/// one loop; what is committed leaves at the end of the loop's turn at the latest.
/// </summary>
public interface IDatagramOutput
{
    /// <summary>The kernel takes nothing more for the moment: long sending waits until this is false again.</summary>
    bool IsBlocked { get; }

    /// <summary>
    /// Room for one datagram; empty when blocked, and then the caller tries again later or counts the drop. A reservation that is
    /// not committed is forgotten.
    /// </summary>
    Span<byte> Reserve(int maxBytes);

    /// <summary>Sends the first bytes of the latest reservation.</summary>
    void Commit(int length, in TransportAddress to);
}
