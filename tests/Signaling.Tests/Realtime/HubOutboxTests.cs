using Comms.Grains.Contracts;
using Comms.Signaling.Realtime;
using Xunit;

namespace Comms.Signaling.Tests.Realtime;

public sealed class HubOutboxTests
{
    private readonly HubOutbox _outbox = new();

    [Fact]
    public void The_newest_floor_of_a_channel_replaces_older_ones_and_a_late_one_is_ignored()
    {
        _outbox.Put(Floor("police", 5));
        _outbox.Put(Floor("fire", 1));
        _outbox.Put(Floor("police", 7));
        _outbox.Put(Floor("police", 6));

        Assert.True(_outbox.TryBeginSending());
        HubBatch batch = _outbox.TakeOrEnd()!;

        Assert.Equal([("fire", 1L), ("police", 7L)], batch.Floors.Select(news => (news.Floor.ChannelId, news.Floor.Epoch)).Order());
    }

    [Fact]
    public void One_sender_at_a_time_takes_everything_and_ends_when_nothing_is_left()
    {
        Assert.False(_outbox.TryBeginSending());
        _outbox.Put(Floor("police", 1));
        Assert.True(_outbox.TryBeginSending());
        Assert.False(_outbox.TryBeginSending());
        Assert.NotNull(_outbox.TakeOrEnd());
        _outbox.Put(Floor("police", 2));
        Assert.NotNull(_outbox.TakeOrEnd());
        Assert.Null(_outbox.TakeOrEnd());
        _outbox.Put(Floor("police", 3));
        Assert.True(_outbox.TryBeginSending());
    }

    [Fact]
    public void Events_keep_their_order_and_are_bounded()
    {
        for (int number = 0; number < HubOutbox.EventsMax; number++) Assert.True(_outbox.TryPut(HubCalls.Closing("test")));

        Assert.False(_outbox.TryPut(HubCalls.Closing("test")));
    }

    [Theory]
    [InlineData(FloorDenyCause.AnotherHasPermission, "anotherHasPermission")]
    [InlineData(FloorDenyCause.ReceiveOnly, "receiveOnly")]
    [InlineData(FloorDenyCause.NotMember, "notMember")]
    [InlineData(FloorDenyCause.NoResources, "noResources")]
    [InlineData(FloorDenyCause.InternalError, "internalError")]
    public void A_denial_says_why_in_the_hub_s_words(FloorDenyCause cause, string word)
    {
        var holder = new FloorHolder("u1", "P-1", "王伟", "Wang Wei", UnitService.Police, "n1", "s1");

        HubFloorReply reply = HubWords.Reply(new FloorReply(FloorDecision.Denied, cause, 0, 9, 0, 0, holder));

        Assert.Equal(("denied", word, "police"), (reply.Decision, reply.Cause, reply.Holder!.Service));
    }

    [Fact]
    public void An_idle_floor_has_no_talker_and_no_burst()
    {
        HubFloor floor = HubWords.Floor(new FloorState("police", 9, null, 41, DateTimeOffset.UnixEpoch, FloorRevokeCause.BurstTooLong, 3));

        Assert.Equal((0L, null, 3, 9L), (floor.BurstId, floor.Talker, floor.Listeners, floor.Epoch));
    }

    private static FloorNews Floor(string channel, long epoch) => new(new HubFloor(channel, epoch, 0, null, 0, 0, "", false, 0, []));
}
