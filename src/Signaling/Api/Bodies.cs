using System.Text.Json.Serialization;
using Comms.Grains.Contracts;
using Comms.Grains.Rehearsals;

namespace Comms.Signaling.Api;

/// <summary>POST /api/v1/sessions.</summary>
public sealed record SessionBody(string UserName, string Password) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("userName", UserName, 1, 64);
        faults.Text("password", Password, 1, 256);
    }

    public override string ToString() => "SessionBody";
}

/// <summary>POST /api/v1/sessions/refresh.</summary>
public sealed record RefreshBody(string RefreshToken) : IApiBody
{
    public void Validate(BodyFaults faults) => faults.Text("refreshToken", RefreshToken, 1, 512);

    public override string ToString() => "RefreshBody";
}

/// <summary>PUT /api/v1/me/password.</summary>
public sealed record PasswordBody(string OldPassword, string NewPassword) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("oldPassword", OldPassword, 1, 256);
        faults.Text("newPassword", NewPassword, 1, 256);
    }

    public override string ToString() => "PasswordBody";
}

/// <summary>PUT /api/v1/towns/{id}.</summary>
public sealed record TownBody(string ParentId, TownLevel Level, string NameZh, string NameEn, string DivisionCode = "") : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.IdOrEmpty("parentId", ParentId);
        faults.Text("nameZh", NameZh, 1, 64);
        faults.Text("nameEn", NameEn, 1, 64);
        if (DivisionCode.Length > 0) faults.Digits("divisionCode", DivisionCode, 2, 20);
    }
}

/// <summary>PUT /api/v1/units/{id}.</summary>
public sealed record UnitBody(string CallSign, string NameZh, string NameEn, UnitService Service, string TownId, int Priority = 0) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("callSign", CallSign, 1, 32);
        faults.Text("nameZh", NameZh, 1, 64);
        faults.Text("nameEn", NameEn, 1, 64);
        faults.Id("townId", TownId);
        faults.Range("priority", Priority, 0, 15);
    }
}

/// <summary>PUT /api/v1/channels/{id}.</summary>
public sealed record ChannelBody(
    string NameZh,
    string NameEn,
    string Number,
    ChannelKind Kind,
    string TownId,
    int TalkLimitSeconds = 60,
    ChannelRight DefaultRight = ChannelRight.None,
    FloorPolicyBody? Floor = null) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("nameZh", NameZh, 1, 64);
        faults.Text("nameEn", NameEn, 1, 64);
        faults.Digits("number", Number, 1, 15);
        faults.Id("townId", TownId);
        faults.Range("talkLimitSeconds", TalkLimitSeconds, 0, 3600);
        Floor?.Validate(faults);
    }
}

/// <summary>How a channel's floor is arbitrated; what is left out has its default.</summary>
public sealed record FloorPolicyBody(
    int QueueLimit = 0,
    FloorPreemption Preemption = FloorPreemption.Emergency,
    int RevokeGraceMs = 1000,
    int IdleLimitSeconds = 0,
    int DispatcherPriority = 8)
{
    public static FloorPolicyBody Of(FloorPolicy policy) => new(
        policy.QueueLimit, policy.Preemption, policy.RevokeGraceMs, policy.IdleLimitSeconds, policy.DispatcherPriority);

    public FloorPolicy ToPolicy() => new(QueueLimit, Preemption, RevokeGraceMs, IdleLimitSeconds, DispatcherPriority);

    internal void Validate(BodyFaults faults)
    {
        faults.Range("floor.queueLimit", QueueLimit, 0, FloorPolicy.QueueLimitMax);
        faults.Range("floor.revokeGraceMs", RevokeGraceMs, 0, FloorPolicy.RevokeGraceMsMax);
        faults.Range("floor.idleLimitSeconds", IdleLimitSeconds, 0, FloorPolicy.IdleLimitSecondsMax);
        faults.Range("floor.dispatcherPriority", DispatcherPriority, 0, FloorPolicy.PriorityMax);
    }
}

/// <summary>PUT /api/v1/channels/{id}/rules/{kind}/{subject}.</summary>
public sealed record RuleBody(ChannelRight Right) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
    }
}

/// <summary>PUT /api/v1/cameras/{id}. Without a source the stored one stays; a sub source with an empty URL is taken away.</summary>
public sealed record CameraBody(
    string NameZh,
    string NameEn,
    string TownId,
    string Department,
    double? LatitudeDeg = null,
    double? LongitudeDeg = null,
    double? HeadingDeg = null,
    string GbCode = "",
    string Site = "",
    CameraPolicy Policy = CameraPolicy.OnDemand,
    CameraSourceBody? Source = null,
    CameraSourceBody? SubSource = null) : IApiBody
{
    [JsonIgnore]
    public CameraSources Sources => new(Source?.Source, SubSource?.Source);

    public CameraDefinition Definition(string id) => new(
        id, NameZh, NameEn, TownId, Department, LatitudeDeg, LongitudeDeg, HeadingDeg, GbCode, Site, Policy: Policy);

    public void Validate(BodyFaults faults)
    {
        faults.Text("nameZh", NameZh, 1, 64);
        faults.Text("nameEn", NameEn, 1, 64);
        faults.Id("townId", TownId);
        faults.Text("department", Department, 0, 64);
        faults.OptionalRange("latitudeDeg", LatitudeDeg, -90, 90);
        faults.OptionalRange("longitudeDeg", LongitudeDeg, -180, 180);
        faults.OptionalRange("headingDeg", HeadingDeg, 0, 360);
        if (GbCode.Length > 0) faults.Digits("gbCode", GbCode, 20, 20);
        faults.IdOrEmpty("site", Site);
        Source?.Validate("source", faults);
        if (SubSource is { Url.Length: > 0 }) SubSource.Validate("subSource", faults);
    }
}

/// <summary>Where a camera's picture comes from: goes in, never out.</summary>
public sealed record CameraSourceBody(string Url, string UserName = "", string Password = "")
{
    [JsonIgnore]
    public CameraSource Source => new(Url, UserName, Password);

    public void Validate(string member, BodyFaults faults)
    {
        faults.Text(member + ".url", Url, 1, 1024);
        faults.Text(member + ".userName", UserName, 0, 128);
        faults.Text(member + ".password", Password, 0, 128);
        if (Url == CameraSource.Published) return;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out Uri? uri) || !CameraSource.Schemes.Contains(uri.Scheme) || uri.Host.Length == 0)
            faults.Add(member + ".url", "must be publish:, or an absolute URL of " + string.Join(", ", CameraSource.Schemes));
        else if (uri.UserInfo.Length > 0)
            faults.Add(member + ".url", "must not contain credentials: userName and password take them");
    }

    public override string ToString() => "CameraSourceBody";
}

/// <summary>PUT /api/v1/accounts/{id}. Without a password the stored one stays.</summary>
public sealed record AccountBody(
    string DisplayName,
    AccountRole Role,
    string UnitId = "",
    string TownPath = "",
    bool Disabled = false,
    bool MustChangePassword = false,
    string? Password = null) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("displayName", DisplayName, 1, 64);
        faults.IdOrEmpty("unitId", UnitId);
        faults.TownPath("townPath", TownPath);
        if (Password is not null) faults.Text("password", Password, 1, 256);
    }

    public override string ToString() => "AccountBody";
}

/// <summary>POST /api/v1/calls.</summary>
public sealed record CallBody(string Number, string ChannelId) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("number", Number, 1, 64);
        faults.Id("channelId", ChannelId);
    }
}

/// <summary>PUT /api/v1/dial-plan/numbers/{number}.</summary>
public sealed record DialNumberBody(DialKind Kind, string TargetId) : IApiBody
{
    public void Validate(BodyFaults faults) => faults.Id("targetId", TargetId);
}

/// <summary>PUT /api/v1/dial-plan/trunks/{id}. Without a password the stored one stays.</summary>
public sealed record TrunkBody(
    string Name, string Uri, string UnitId, string UserName = "", string? Password = null, bool Registers = false, string Domain = "") : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("name", Name, 1, 64);
        faults.Text("uri", Uri, 5, 256);
        faults.Id("unitId", UnitId);
        faults.Text("userName", UserName, 0, 64);
        faults.Text("domain", Domain, 0, 255);
        if (Password is not null) faults.Text("password", Password, 1, 256);
    }

    public override string ToString() => "TrunkBody";
}

/// <summary>POST /api/v1/rehearsals.</summary>
public sealed record RehearsalBody(string Name, int Phones, int Channels = 1, int Minutes = 60) : IApiBody
{
    public void Validate(BodyFaults faults)
    {
        faults.Text("name", Name, 1, 64);
        faults.Range("phones", Phones, 1, RehearsalRules.MaxPhones);
        faults.Range("channels", Channels, 1, Math.Clamp(Phones, 1, RehearsalRules.MaxChannels));
        faults.Range("minutes", Minutes, 1, RehearsalRules.MaxDuration.TotalMinutes);
    }
}
