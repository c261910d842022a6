using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Talk channels. Administrators see those of their subtree, everyone else those in which his unit may listen.</summary>
public static class ChannelsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/channels", List).Produces<Page<ChannelAnswer>>().RequireAuthorization(Roles.Any);
        api.MapGet("/channels/{id}", Get).Produces<ChannelAnswer>().RequireAuthorization(Roles.Any);
        api.MapPut("/channels/{id}", PutAsync).Accepts<ChannelBody>("application/json")
            .Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
        api.MapDelete("/channels/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    /// <summary>The channel when the caller administers it, else null.</summary>
    public static ChannelDefinition? FindAdministered(HttpContext context, string id, IDirectoryIndex directory) =>
        directory.FindChannel(id) is { } channel && Administers(Caller.Of(context), channel, directory) ? channel : null;

    private static IResult List(HttpContext context, [AsParameters] PageQuery page, IDirectoryIndex directory, ChannelAccess access)
    {
        Caller caller = Caller.Of(context);
        string unitId = caller.Account.UnitId;
        if (caller.Account.Role == AccountRole.Administrator)
        {
            if (page.Within(new Scope(caller, directory), directory) is not { } query) return ApiProblem.NotFound("town");
            Page<ChannelDefinition> found = directory.Channels(query);
            ChannelAnswer[] all = [.. found.Items.Select(channel => ChannelAnswer.Of(channel, access.Right(channel.Id, unitId)))];
            return Results.Ok(new Page<ChannelAnswer>(all, found.Next, found.Total));
        }

        IReadOnlyList<ChannelWithRight> own = access.List(caller.Account, page.Text ?? "");
        var rest = own.Where(item => string.CompareOrdinal(item.Channel.Id, page.After ?? "") > 0).ToArray();
        ChannelAnswer[] items = [.. rest.Take(page.Count).Select(item => ChannelAnswer.Of(item.Channel, item.Right))];
        return Results.Ok(new Page<ChannelAnswer>(items, rest.Length > items.Length ? items[^1].Id : null, own.Count));
    }

    private static IResult Get(HttpContext context, string id, IDirectoryIndex directory, ChannelAccess access)
    {
        Caller caller = Caller.Of(context);
        if (directory.FindChannel(id) is not { } channel) return ApiProblem.NotFound("channel");
        ChannelRight right = access.Right(id, caller.Account.UnitId);
        return right >= ChannelRight.Listen || Administers(caller, channel, directory)
            ? Results.Ok(ChannelAnswer.Of(channel, right))
            : ApiProblem.NotFound("channel");
    }

    private static async Task<IResult> PutAsync(
        HttpContext context, string id, ApiBody<ChannelBody> body, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        ChannelBody channel = body.Value;
        bool isForeign = directory.FindChannel(id) is { } former && !Administers(caller, former, directory);
        if (isForeign || !new Scope(caller, directory).HasTown(channel.TownId)) return ApiProblem.Forbidden("The channel's place is outside your subtree.");
        if (directory.Towns.All(town => town.Id != channel.TownId)) return ApiProblem.NotFound("town");
        var definition = new ChannelDefinition(
            id, channel.NameZh, channel.NameEn, channel.Number, channel.Kind, channel.TownId, channel.TalkLimitSeconds, channel.DefaultRight,
            channel.Floor?.ToPolicy());
        return ApiProblem.From(await grains.GetGrain<IChannelGrain>(id).Put(definition, caller.ActorVia("http")), "channel");
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        if (FindAdministered(context, id, directory) is null) return ApiProblem.NotFound("channel");
        return ApiProblem.From(await grains.GetGrain<IChannelGrain>(id).Remove(Caller.Of(context).ActorVia("http")), "channel");
    }

    private static bool Administers(Caller caller, ChannelDefinition channel, IDirectoryIndex directory) =>
        caller.Account.Role == AccountRole.Administrator && new Scope(caller, directory).HasTown(channel.TownId);
}
