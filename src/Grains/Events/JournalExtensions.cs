using Comms.Grains.Contracts;

namespace Comms.Grains.Events;

/// <summary>Short form of an entry made now.</summary>
internal static class JournalExtensions
{
    public static void Append(
        this IJournal journal, TimeProvider time, string kind, string subject, Actor actor, string cause) =>
        journal.Append(new JournalEvent(0, time.GetUtcNow(), kind, subject, actor, cause));
}
