using Comms.Phones.Figures;
using Comms.Phones.Io;
using Comms.Phones.Media;

namespace Comms.Phones;

/// <summary>
/// Talk in one channel: changing talkers press, speak for 2 to 4 s and let go, and after each burst every listener is counted. What
/// does not come within two seconds is missing.
/// </summary>
public sealed class Conversation(PhoneFleet fleet, Speech speech, int channel, int seed)
{
    private const int BurstFramesMin = 100;
    private const int BurstFramesMax = 200;
    private const long PatienceNs = 2_000_000_000;
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(20);
    private readonly Random _random = new(seed);
    private readonly int[] _members = [.. Enumerable.Range(0, fleet.PhoneCount).Where(phone => fleet.ChannelOfPhone[phone] == channel)];
    private int _nextFrame;

    public Histogram Grants { get; } = new();

    /// <summary>From the press to Floor Taken at the last phone of the channel.</summary>
    public Histogram TakenByAll { get; } = new();

    public int Bursts { get; private set; }

    /// <summary>Packets that listeners got, packets they missed.</summary>
    public long Received { get; private set; }

    public long Missing { get; private set; }

    /// <summary>Packets of one listener, summed over the bursts: what one more listener of the channel would have got.</summary>
    public long PacketsOfOne { get; private set; }

    /// <summary>Floor Taken that did not reach everybody in time, in words; empty when all did.</summary>
    public string TakenFault { get; private set; } = "";

    public Burst? Last { get; private set; }

    /// <summary>Called with each burst when its talker has the floor, and again when everybody has heard it.</summary>
    public Func<Burst, bool, Task>? Watch { get; set; }

    /// <summary>Bursts until the time is over; one more, whose last packets are kept and authenticated, when <paramref name="isLast"/>.</summary>
    public async Task RunAsync(TimeSpan time, bool isLast)
    {
        long end = Clocks.MonotonicNs + (long)(time.TotalSeconds * 1e9);
        while (Clocks.MonotonicNs < end) await SayAsync(NextTalker(), _random.Next(BurstFramesMin, BurstFramesMax + 1), false);
        if (isLast) await SayAsync(NextTalker(), BurstFramesMin, true);
    }

    /// <summary>One press and burst of a member, by position in the channel.</summary>
    public async Task SayAsync(int talker, int frames, bool isLast)
    {
        PressReply press = await fleet.PressAsync(talker);
        if (!press.IsGranted) throw new InvalidOperationException($"Phone {talker} was denied the floor of a free channel: {press.Cause}.");
        Grants.AddNs(press.RepliedNs - press.PressedNs);
        Burst burst = fleet.PlanBurst(talker, speech, _nextFrame, frames);
        _nextFrame += frames;
        Task watched = Watch?.Invoke(burst, false) ?? Task.CompletedTask;
        await watched;
        await fleet.TalkAsync(burst, isLast);
        fleet.Release(talker);
        await SettleAsync(burst, press);
        Bursts++;
        Last = burst;
        if (Watch is not null) await Watch(burst, true);
    }

    /// <summary>Forgets what was measured so far.</summary>
    public void Clear()
    {
        Grants.Clear();
        TakenByAll.Clear();
        (Bursts, Received, Missing, PacketsOfOne, TakenFault) = (0, 0, 0, 0, "");
    }

    /// <summary>A member at a position of the channel, counted from 0.</summary>
    public int Member(int position) => _members[position % _members.Length];

    // Compared listeners stay listeners: a talker does not hear itself.
    private int NextTalker()
    {
        while (true)
        {
            int phone = _members[_random.Next(_members.Length)];
            if (!fleet.IsCompared(phone) || _members.Length < 10) return phone;
        }
    }

    private async Task SettleAsync(Burst burst, PressReply press)
    {
        using var timer = new PeriodicTimer(PollEvery);
        long end = Clocks.MonotonicNs + PatienceNs;
        BurstCount count = await fleet.CountAsync(burst);
        TakenCount taken = await fleet.TakenAsync(channel, press.BurstId);
        while ((!count.IsWhole || taken.Phones < _members.Length) && Clocks.MonotonicNs < end)
        {
            await timer.WaitForNextTickAsync();
            count = await fleet.CountAsync(burst);
            taken = await fleet.TakenAsync(channel, press.BurstId);
        }

        // The floor is free for the next talker once the release has been heard; a page waits for that as well.
        await timer.WaitForNextTickAsync();
        Received += count.Sum;
        Missing += count.Missing;
        PacketsOfOne += count.Complete.Count > 0 ? count.Complete.Max() : 0;
        if (taken.Phones == _members.Length) TakenByAll.AddNs(taken.LastNs - press.PressedNs);
        else TakenFault = $"Floor Taken of burst {burst.Number} reached {taken.Phones} of {_members.Length} phones";
    }
}
