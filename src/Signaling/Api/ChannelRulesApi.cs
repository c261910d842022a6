using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Membership rules of a channel. Kind is "unit", "service" or "town"; the subject of a service is its word.</summary>
public static class ChannelRulesApi
{
    private const string One = "/channels/{id}/rules/{kind}/{subject}";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/channels/{id}/rules", ListAsync).Produces<IReadOnlyList<ChannelRule>>().RequireAuthorization(Roles.Administrator);
        api.MapPut(One, PutAsync).Accepts<RuleBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete(One, DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    private static async Task<IResult> ListAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains) =>
        ChannelsApi.FindAdministered(context, id, directory) is null
            ? ApiProblem.NotFound("channel")
            : Results.Ok(await grains.GetGrain<IChannelGrain>(id).GetRules());

    private static async Task<IResult> PutAsync(
        HttpContext context, RuleRoute route, ApiBody<RuleBody> body, IDirectoryIndex directory, IGrainFactory grains)
    {
        if (ChannelsApi.FindAdministered(context, route.ChannelId, directory) is null) return ApiProblem.NotFound("channel");
        if (route.Kind is not { } kind || route.Subject is not { } subject) return BadRule();
        if (!Exists(kind, subject, directory)) return ApiProblem.NotFound(kind == ChannelRuleKind.Unit ? "unit" : "town");
        var rule = new ChannelRule(kind, subject, body.Value.Right);
        return ApiProblem.From(await grains.GetGrain<IChannelGrain>(route.ChannelId).PutRule(rule, Caller.Of(context).ActorVia("http")), "rule");
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, RuleRoute route, IDirectoryIndex directory, IGrainFactory grains)
    {
        if (ChannelsApi.FindAdministered(context, route.ChannelId, directory) is null) return ApiProblem.NotFound("channel");
        if (route.Kind is not { } kind || route.Subject is not { } subject) return BadRule();
        Outcome outcome = await grains.GetGrain<IChannelGrain>(route.ChannelId).RemoveRule(kind, subject, Caller.Of(context).ActorVia("http"));
        return ApiProblem.From(outcome, "rule");
    }

    private static bool Exists(ChannelRuleKind kind, string subject, IDirectoryIndex directory) => kind switch
    {
        ChannelRuleKind.Unit => directory.FindUnit(subject) is not null,
        ChannelRuleKind.Town => directory.Towns.Any(town => town.Id == subject),
        _ => true,
    };

    private static IResult BadRule() => ApiProblem.Of(StatusCodes.Status400BadRequest, "rule.invalid", "Kind is unit, service or town; a service must exist.");
}

/// <summary>The place of one rule. Null members could not be read.</summary>
public sealed record RuleRoute(string ChannelId, ChannelRuleKind? Kind, string? Subject)
{
    /// <summary>Called by minimal APIs.</summary>
    public static ValueTask<RuleRoute> BindAsync(HttpContext context)
    {
        RouteValueDictionary values = context.Request.RouteValues;
        return ValueTask.FromResult(Parse($"{values["id"]}", $"{values["kind"]}", $"{values["subject"]}"));
    }

    /// <summary>A service's subject becomes the grain's word for it, the enum's name.</summary>
    public static RuleRoute Parse(string channelId, string kindWord, string subject)
    {
        ChannelRuleKind? kind = kindWord switch
        {
            "unit" => ChannelRuleKind.Unit,
            "service" => ChannelRuleKind.Service,
            "town" => ChannelRuleKind.Town,
            _ => null,
        };
        if (kind != ChannelRuleKind.Service) return new RuleRoute(channelId, kind, subject);
        string? service = Enum.GetNames<UnitService>().FirstOrDefault(name => name.Equals(subject, StringComparison.OrdinalIgnoreCase));
        return new RuleRoute(channelId, kind, service);
    }
}
