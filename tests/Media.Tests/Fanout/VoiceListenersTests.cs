using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public class VoiceListenersTests
{
    [Fact]
    public void Slices_serve_each_listener_once_in_a_fixed_order_while_others_come_and_go()
    {
        var random = new SeededRandom(17);
        var listeners = new VoiceListeners();
        var present = new List<Listener>();
        int nextId = 1;
        for (int i = 0; i < 50; i++) Join(listeners, present, nextId++);
        for (int packet = 0; packet < 200; packet++)
        {
            var frame = new VoiceFrame();
            frame.Set(new FrameHeader { Timestamp = (uint)packet }, [1]);
            var atStart = present.ToHashSet();
            var left = new HashSet<Listener>();
            for (bool done = false; !done;)
            {
                int budget = 7;
                listeners.Send(frame, ref budget, default, out bool blocked);
                Assert.False(blocked);
                done = budget > 0;
                if (done) break;
                if (random.Next(3) == 0) Join(listeners, present, nextId++);
                if (random.Next(3) == 0)
                {
                    var leaver = present[random.Next(present.Count)];
                    present.Remove(leaver);
                    left.Add(leaver);
                    listeners.Remove(leaver, 0);
                }
            }

            foreach (var listener in atStart.Except(left)) Assert.Equal(1, listener.Heard.Count(number => number == packet));
            foreach (var listener in left) Assert.InRange(listener.Heard.Count(number => number == packet), 0, 1);
        }
    }

    [Fact]
    public void The_talker_is_left_out_and_its_slot_is_rebased()
    {
        var listeners = new VoiceListeners();
        var present = new List<Listener>();
        Join(listeners, present, 1);
        Join(listeners, present, 2);
        var frame = new VoiceFrame();
        frame.Set(new FrameHeader { Source = new SessionId(1) }, [1]);
        int budget = 10;
        Assert.Equal(1, listeners.Send(frame, ref budget, default, out _));
        Assert.Empty(present[0].Heard);
        Assert.Equal((2, 1), (present[0].Rebased, present[1].Rebased));
    }

    [Fact]
    public void A_blocked_socket_pauses_the_pass_and_loses_nobody()
    {
        var listeners = new VoiceListeners();
        var present = new List<Listener>();
        for (int id = 1; id <= 5; id++) Join(listeners, present, id);
        var frame = new VoiceFrame();
        frame.Set(default, [1]);
        present[3].IsOutputBlocked = true;
        int budget = 10;
        Assert.Equal(3, listeners.Send(frame, ref budget, default, out bool blocked));
        Assert.True(blocked);
        present[3].IsOutputBlocked = false;
        Assert.Equal(2, listeners.Send(frame, ref budget, default, out blocked));
        Assert.False(blocked);
        Assert.All(present, listener => Assert.Single(listener.Heard));
    }

    private static void Join(VoiceListeners listeners, List<Listener> present, int id)
    {
        var listener = new Listener(new SessionId(id));
        present.Add(listener);
        listeners.Add(listener, 0);
        listeners.Add(listener, 0);
    }

    private sealed class Listener(SessionId session) : IVoiceListener
    {
        public SessionId Session => session;

        public bool IsOutputBlocked { get; set; }

        public List<long> Heard { get; } = [];

        public int Rebased { get; private set; }

        public bool SendVoice(int slot, in VoicePacket packet, Instant now)
        {
            Heard.Add(packet.Timestamp);
            return true;
        }

        public void RebaseSlot(int slot) => Rebased++;
    }
}
