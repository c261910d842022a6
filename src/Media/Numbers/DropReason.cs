namespace Comms.Media.Numbers;

/// <summary>Why a packet went no further. Every drop is counted under exactly one of these; the names are metric labels.</summary>
public enum DropReason
{
    /// <summary>Not dropped.</summary>
    None,

    /// <summary>The bytes are no packet of the protocol that their first byte or port promises.</summary>
    Malformed,

    /// <summary>Came from an address that is not the peer's.</summary>
    ForeignSource,

    /// <summary>A payload type that was not negotiated.</summary>
    UnknownPayloadType,

    /// <summary>The negotiated direction or a hold excludes it.</summary>
    Direction,

    /// <summary>Seen before.</summary>
    Duplicate,

    /// <summary>Arrived after its moment of playing had passed.</summary>
    Late,

    /// <summary>A bounded buffer was full, or gave up the packet to come back to its target delay.</summary>
    BufferFull,

    /// <summary>Belongs to a talk burst that has been replaced by the next.</summary>
    StaleBurst,

    /// <summary>There is no address to send it to yet.</summary>
    NoDestination,
}
