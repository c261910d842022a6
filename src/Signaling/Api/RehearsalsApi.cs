using System.Security.Cryptography;
using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Rehearsals;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>
/// Rehearsals: temporary phones in channels of their own, with tokens, so that an operator measures his own server. Their
/// units and accounts are found by id, but no list names them.
/// </summary>
public static class RehearsalsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/rehearsals", CreateAsync).Accepts<RehearsalBody>("application/json")
            .Produces<RehearsalPhonesAnswer>().RequireAuthorization(Roles.Administrator);
        api.MapGet("/rehearsals", List).Produces<IReadOnlyList<RehearsalAnswer>>().RequireAuthorization(Roles.Administrator);
        api.MapDelete("/rehearsals/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent).RequireAuthorization(Roles.Administrator);
    }

    private static IResult List(HttpContext context, IDirectoryIndex directory)
    {
        var scope = new Scope(Caller.Of(context), directory);
        return Results.Ok(directory.Rehearsals.Where(rehearsal => scope.HasPath(rehearsal.TownPath)).Select(RehearsalAnswer.Of).ToArray());
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ApiBody<RehearsalBody> body, RehearsalParts parts)
    {
        Caller caller = Caller.Of(context);
        int running = parts.Index.Rehearsals.Sum(rehearsal => rehearsal.Phones);
        if (running + body.Value.Phones > RehearsalRules.MaxPhones)
        {
            return ApiProblem.Of(
                StatusCodes.Status409Conflict, "rehearsal.tooMany", $"All rehearsals together have at most {RehearsalRules.MaxPhones} phones; {running} are running.");
        }

        RehearsalDefinition rehearsal = Define(body.Value, caller.Account.TownPath, parts);
        Outcome outcome = await parts.Grains.GetGrain<IRehearsalGrain>(rehearsal.Id).Start(rehearsal, caller.ActorVia("http"));
        if (!outcome.IsOk) return ApiProblem.From(outcome, "rehearsal");
        // The grain may live in another silo, whose announcement has perhaps not come yet.
        await parts.Index.RefreshAsync(CatalogKind.Rehearsal, rehearsal.Id);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Ok(new RehearsalPhonesAnswer(
            rehearsal.Id,
            rehearsal.EndsAt,
            RehearsalAnswer.Of(rehearsal).Channels,
            Enumerable.Range(1, rehearsal.Phones).Select(phone => Phone(rehearsal, phone, parts.Tokens))));
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, IDirectoryIndex directory, IGrainFactory grains)
    {
        Caller caller = Caller.Of(context);
        var scope = new Scope(caller, directory);
        if (!directory.Rehearsals.Any(rehearsal => rehearsal.Id == id && scope.HasPath(rehearsal.TownPath))) return ApiProblem.NotFound("rehearsal");
        return ApiProblem.From(await grains.GetGrain<IRehearsalGrain>(id).End("removed", caller.ActorVia("http")), "rehearsal");
    }

    /// <summary>Its phones stand at the top of what the administrator sees.</summary>
    private static RehearsalDefinition Define(RehearsalBody body, string townPath, RehearsalParts parts)
    {
        string townId = townPath.Length > 0
            ? townPath[(townPath.LastIndexOf('/') + 1)..]
            : parts.Index.Towns.FirstOrDefault(town => town.ParentId.Length == 0)?.Id ?? "";
        DateTimeOffset now = parts.Time.GetUtcNow();
        return new RehearsalDefinition(
            $"rh{RandomNumberGenerator.GetHexString(8, lowercase: true)}", body.Name, body.Phones, body.Channels, townId, townPath, now, now.AddMinutes(body.Minutes));
    }

    private static RehearsalPhone Phone(RehearsalDefinition rehearsal, int phone, AccessTokens tokens)
    {
        UnitDefinition unit = RehearsalPhones.Unit(rehearsal, phone);
        AccountDefinition account = RehearsalPhones.Account(rehearsal, phone);
        return new RehearsalPhone(account.Id, unit.Id, unit.RehearsalChannelId, tokens.Create(account, rehearsal.EndsAt));
    }
}

/// <summary>What starting a rehearsal needs.</summary>
public sealed record RehearsalParts(DirectoryIndex Index, IGrainFactory Grains, AccessTokens Tokens, TimeProvider Time);
