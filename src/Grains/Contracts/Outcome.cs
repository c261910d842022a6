namespace Comms.Grains.Contracts;

/// <summary>The result of a command: done, or refused with a stable code (RFC 9457 problem type suffix) and a sentence.</summary>
[GenerateSerializer, Immutable, Alias("comms.outcome")]
public sealed record Outcome(
    [property: Id(0)] OutcomeCode Code,
    [property: Id(1)] string Detail = "",
    /// <summary>Which budget is exhausted; "" for every other code.</summary>
    [property: Id(2)] string Budget = "",
    /// <summary>When trying again may help; 0 when waiting does not help.</summary>
    [property: Id(3)] int RetryAfterSeconds = 0)
{
    public static readonly Outcome Ok = new(OutcomeCode.Ok);

    public bool IsOk => Code == OutcomeCode.Ok;
}

/// <summary>Why a command was refused.</summary>
[GenerateSerializer]
public enum OutcomeCode
{
    Ok,
    NotFound,
    AlreadyExists,
    Invalid,
    Forbidden,

    /// <summary>The caller changed a version that is no longer the newest.</summary>
    Conflict,

    /// <summary>A budget of this node is used up.</summary>
    Exhausted,
}

/// <summary>Who did something and from where, for the journal.</summary>
[GenerateSerializer, Immutable, Alias("comms.actor")]
public sealed record Actor(
    [property: Id(0)] string AccountId,
    [property: Id(1)] string UnitId,
    [property: Id(2)] string Via)
{
    /// <summary>The server itself: expiries, limits, seeding.</summary>
    public static readonly Actor System = new("", "", "system");
}
