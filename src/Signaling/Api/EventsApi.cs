using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>The journal. Only for administrators of everything, because events are not tied to a place.</summary>
public static class EventsApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/events", ListAsync).Produces<EventPage>().RequireAuthorization(Roles.Administrator);

    /// <summary>Without "after" the newest events, newest first; with it the events that follow, oldest first.</summary>
    private static async Task<IResult> ListAsync(HttpContext context, IJournal journal, long? after = null, int? limit = null)
    {
        if (Caller.Of(context).Account.TownPath.Length > 0) return ApiProblem.Forbidden("The journal belongs to the whole city.");
        int count = Math.Clamp(limit ?? DefaultLimit, 1, MaxLimit);
        IReadOnlyList<JournalEvent> events = after is { } id ? await journal.Read(id, count) : await journal.ReadLast(count);
        bool hasMore = after is not null && events.Count == count;
        return Results.Ok(new EventPage(events, hasMore ? events[^1].Id : null));
    }
}

/// <summary>Events; <paramref name="Next"/> is the "after" of the next page, null at the end.</summary>
public sealed record EventPage(IReadOnlyList<JournalEvent> Items, long? Next);
