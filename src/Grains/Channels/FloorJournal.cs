using System.Globalization;

namespace Comms.Grains.Channels;

/// <summary>How a floor's decisions stand in the journal: the kind, and the reason in the enum's own word or a short phrase.</summary>
internal static class FloorJournal
{
    public static (string Kind, string Cause) Describe(FloorEvent decision) => decision switch
    {
        FloorGranted granted => ("floor.granted", granted.FromQueue ? "Queue" : ""),
        FloorDenied denied => ("floor.denied", denied.Cause.ToString()),
        FloorQueued queued => ("floor.queued", Place(queued)),
        FloorDequeued dequeued => ("floor.dequeued", WithUnit(dequeued.Cause.ToString(), decision)),
        FloorMoved moved => ("floor.moved", WithUnit(Number($"position {moved.Position}"), decision)),
        FloorRevoking revoking => ("floor.revoking", revoking.Cause.ToString()),
        FloorRevoked revoked => ("floor.revoked", revoked.Cause.ToString()),
        FloorInactive => ("floor.inactive", ""),
        _ => ("floor.released", ""),
    };

    private static string Place(FloorQueued queued) =>
        Number($"position {queued.Position}, priority {queued.Priority}") + (queued.IsEmergency ? ", emergency" : "");

    // The actor of an order is the dispatcher; whom it concerns stands in the cause.
    private static string WithUnit(string cause, FloorEvent decision) =>
        decision.Party is { } party && party.UnitId != decision.Actor.UnitId ? $"{cause} {party.UnitId}" : cause;

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
