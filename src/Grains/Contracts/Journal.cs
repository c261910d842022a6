namespace Comms.Grains.Contracts;

/// <summary>The append-only journal of decisions and changes. Appending never blocks a decision; a full queue is counted.</summary>
public interface IJournal
{
    void Append(JournalEvent entry);

    /// <summary>Events with an id greater than <paramref name="afterId"/>, oldest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<JournalEvent>> Read(long afterId, int limit);

    /// <summary>The newest events, newest first.</summary>
    Task<IReadOnlyList<JournalEvent>> ReadLast(int limit);
}

/// <summary>One thing that happened. The id grows with time and is given by the journal (0 before that).</summary>
[GenerateSerializer, Immutable, Alias("comms.JournalEvent")]
public sealed record JournalEvent(
    [property: Id(0)] long Id,
    [property: Id(1)] DateTimeOffset At,
    /// <summary>Dotted name: "floor.granted", "floor.denied", "account.signed_in", "camera.viewed", "channel.changed".</summary>
    [property: Id(2)] string Kind,
    /// <summary>What it happened to: a channel, camera, account, unit or town id.</summary>
    [property: Id(3)] string Subject,
    [property: Id(4)] Actor Actor,
    /// <summary>Why, in the enum's own word or a short phrase.</summary>
    [property: Id(5)] string Cause,
    /// <summary>The burst concerned, 0 when none.</summary>
    [property: Id(6)] long BurstId = 0);
