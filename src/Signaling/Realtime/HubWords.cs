using Comms.Grains.Contracts;
using Comms.Media.Node;

namespace Comms.Signaling.Realtime;

/// <summary>The hub's words for the domain's terms, and its records made from the domain's: the one place that maps them.</summary>
public static class HubWords
{
    public const string None = "none";
    public const string Granted = "granted";
    public const string Denied = "denied";
    public const string Queued = "queued";
    public const string NoVoiceSession = "noVoiceSession";

    /// <summary>More alerts than these of one channel are shown when older ones are cancelled.</summary>
    private const int AlertsMax = 8;

    /// <summary>An enum's name in camelCase.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Words<T>.Of(value);

    /// <summary>Why the voice session is gone, as the hub says it.</summary>
    public static string Of(SessionEndReason reason) => reason switch
    {
        SessionEndReason.Timeout => "timeout",
        _ => "closed",
    };

    public static HubUnit? Unit(UnitDefinition? unit) =>
        unit is null ? null : new HubUnit(unit.Id, unit.CallSign, unit.NameZh, unit.NameEn, Of(unit.Service));

    public static HubUnit? Unit(FloorHolder? holder) =>
        holder is null ? null : new HubUnit(holder.UnitId, holder.CallSign, holder.NameZh, holder.NameEn, Of(holder.Service));

    public static HubFloor Floor(FloorState floor) => new(
        floor.ChannelId, floor.Epoch, floor.Holder is null ? 0 : floor.BurstId, Unit(floor.Holder), floor.Since.ToUnixTimeMilliseconds(), floor.Listeners,
        floor.Holder is not null || floor.EndedBecause == FloorRevokeCause.None ? "" : Of(floor.EndedBecause),
        floor.IsEmergency, floor.Queue?.Count ?? 0, Alerts(floor));

    /// <summary>A floor of which nothing is known yet: any real one is newer.</summary>
    public static HubFloor UnknownFloor(string channelId) => new(channelId, 0, 0, null, 0, 0, "", false, 0, []);

    public static HubFloorReply Reply(FloorReply reply) => reply.Decision switch
    {
        FloorDecision.Granted => new HubFloorReply(Granted, "", reply.BurstId, reply.TalkLimitMs, null, 0),
        FloorDecision.Queued => new HubFloorReply(Queued, "", 0, 0, Unit(reply.Holder), reply.Position),
        _ => new HubFloorReply(Denied, Of(reply.DenyCause), 0, 0, Unit(reply.Holder), 0),
    };

    public static HubFloorReply Deny(string cause) => new(Denied, cause, 0, 0, null, 0);

    public static HubFloorQueue Queue(FloorState floor) => new(
        floor.ChannelId,
        [.. (floor.Queue ?? []).Select(waiter => new HubWaiter(
            waiter.RequestId, Unit(waiter.Party)!, waiter.Priority, waiter.IsEmergency, waiter.Since.ToUnixTimeMilliseconds()))]);

    /// <summary>"" when the order was carried out, else why not.</summary>
    public static string Of(Outcome outcome) => outcome.IsOk ? "" : Of(outcome.Code);

    public static HubCamera Camera(CameraStatus status) => new(
        status.CameraId, Of(status.State), status.Reason, status.Viewers, Of(status.Health.Condition), status.Health.Reason,
        status.Health.Condition == CameraCondition.Unknown ? 0 : status.Health.Since.ToUnixTimeMilliseconds());

    private static IReadOnlyList<HubAlert> Alerts(FloorState floor) => floor.Alerts is null ? [] :
    [
        .. floor.Alerts.Reverse().Take(AlertsMax).Select(alert => new HubAlert(
            new HubUnit(alert.UnitId, alert.CallSign, alert.NameZh, alert.NameEn, Of(alert.Service)), alert.Since.ToUnixTimeMilliseconds())),
    ];

    private static class Words<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<T, string> All = Enum.GetValues<T>().ToDictionary(value => value, value => Camel($"{value}"));

        public static string Of(T value) => All.TryGetValue(value, out string? word) ? word : None;

        private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
    }
}
