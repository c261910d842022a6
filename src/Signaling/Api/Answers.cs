using Comms.Grains.Contracts;
using Comms.Grains.Rehearsals;

namespace Comms.Signaling.Api;

/// <summary>The caller's account, as sign-in and /me return it.</summary>
public sealed record AccountSummary(string Id, string DisplayName, AccountRole Role, string UnitId, bool MustChangePassword)
{
    public static AccountSummary Of(AccountDefinition account) =>
        new(account.Id, account.DisplayName, account.Role, account.UnitId, account.MustChangePassword);
}

/// <summary>Answer of a sign-in or a refresh.</summary>
public sealed record SessionAnswer(string AccessToken, string RefreshToken, int ExpiresInSeconds, AccountSummary Account)
{
    public override string ToString() => "SessionAnswer";
}

/// <summary>A channel and what the caller may do in it.</summary>
public sealed record ChannelAnswer(
    string Id,
    string NameZh,
    string NameEn,
    string Number,
    ChannelKind Kind,
    string TownId,
    int TalkLimitSeconds,
    ChannelRight DefaultRight,
    ChannelRight Right,
    FloorPolicyBody Floor)
{
    public static ChannelAnswer Of(ChannelDefinition channel, ChannelRight right) => new(
        channel.Id, channel.NameZh, channel.NameEn, channel.Number, channel.Kind, channel.TownId, channel.TalkLimitSeconds, channel.DefaultRight, right,
        FloorPolicyBody.Of(channel.FloorPolicy));
}

/// <summary>A camera, how its feed is now, how the camera itself is, and what was learned of it. The sources are never part of it.</summary>
public sealed record CameraAnswer(
    string Id,
    string NameZh,
    string NameEn,
    string TownId,
    string Department,
    double? LatitudeDeg,
    double? LongitudeDeg,
    double? HeadingDeg,
    string GbCode,
    string Site,
    CameraPolicy Policy,
    bool HasSub,
    CameraStatusAnswer Status,
    CameraHealthAnswer Health,
    CameraFacts? Facts)
{
    public static CameraAnswer Of(CameraRecord record, CameraStatus status)
    {
        CameraDefinition camera = record.Definition;
        return new CameraAnswer(
            camera.Id,
            camera.NameZh,
            camera.NameEn,
            camera.TownId,
            camera.Department,
            camera.LatitudeDeg,
            camera.LongitudeDeg,
            camera.HeadingDeg,
            camera.GbCode,
            camera.Site,
            camera.Policy,
            camera.HasSub,
            new CameraStatusAnswer(status.State, status.Reason, status.Viewers, status.Since),
            CameraHealthAnswer.Of(record.Health),
            record.Facts);
    }
}

/// <summary>How a camera's feed is now.</summary>
public sealed record CameraStatusAnswer(CameraFeedState State, string Reason, int Viewers, DateTimeOffset Since);

/// <summary>How a camera itself is; since is null while nothing was seen of it.</summary>
public sealed record CameraHealthAnswer(CameraCondition Condition, string Reason, DateTimeOffset? Since)
{
    public static CameraHealthAnswer Of(CameraHealth health) =>
        new(health.Condition, health.Reason, health.Condition == CameraCondition.Unknown ? null : health.Since);
}

/// <summary>Who watches a camera, in which profile and since when.</summary>
public sealed record CameraViewerAnswer(string AccountId, string UnitId, CameraProfile Profile, DateTimeOffset Since)
{
    public static CameraViewerAnswer Of(CameraViewer viewer) => new(viewer.Actor.AccountId, viewer.Actor.UnitId, viewer.Profile, viewer.Since);
}

/// <summary>A running rehearsal.</summary>
public sealed record RehearsalAnswer(
    string Id, string Name, int Phones, DateTimeOffset StartedAt, DateTimeOffset EndsAt, IReadOnlyList<RehearsalChannel> Channels)
{
    public static RehearsalAnswer Of(RehearsalDefinition rehearsal) => new(
        rehearsal.Id,
        rehearsal.Name,
        rehearsal.Phones,
        rehearsal.StartedAt,
        rehearsal.EndsAt,
        [.. Enumerable.Range(0, rehearsal.Channels).Select(channel => RehearsalChannel.Of(rehearsal, channel))]);
}

/// <summary>A rehearsal's channel and how many phones may talk in it.</summary>
public sealed record RehearsalChannel(string Id, string Name, int Phones)
{
    public static RehearsalChannel Of(RehearsalDefinition rehearsal, int channel) => new(
        RehearsalPhones.ChannelId(rehearsal, channel),
        RehearsalPhones.Channel(rehearsal, channel).NameEn,
        RehearsalPhones.PhonesIn(rehearsal, channel));
}

/// <summary>A rehearsal that was started, with its phones' tokens: shown once.</summary>
public sealed record RehearsalPhonesAnswer(
    string Id, DateTimeOffset EndsAt, IReadOnlyList<RehearsalChannel> Channels, IEnumerable<RehearsalPhone> Phones)
{
    public override string ToString() => "RehearsalPhonesAnswer";
}

/// <summary>One phone of a rehearsal: who it is, where it stands, and a token that is valid until the rehearsal ends.</summary>
public sealed record RehearsalPhone(string AccountId, string UnitId, string ChannelId, string AccessToken)
{
    public override string ToString() => "RehearsalPhone";
}
