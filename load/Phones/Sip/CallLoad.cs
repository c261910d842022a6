using Comms.Phones.Figures;
using Comms.Phones.Io;

namespace Comms.Phones.Sip;

/// <summary>
/// Phones that call, hold and hang up, with speech on the way: one socket for signaling and one for speech, each phone by its
/// own address. Runs on the calling thread.
/// </summary>
public sealed class CallLoad : IDisposable
{
    private const int SpeechSocket = 1;
    private const long GiveUpNs = 32_000_000_000;
    private const long SweepNs = 100_000_000;

    /// <summary>A floor that was given back is free after this time.</summary>
    private const long ReleaseNs = 1_000_000_000;

    private readonly Endpoint _server;
    private readonly SipPort _port = new();
    private readonly CallingPhone[] _phones;
    private readonly LegEar[] _ears;
    private readonly uint _firstAddress;
    private readonly long _realtimeOffsetNs = Clocks.MonotonicMinusRealtimeNs;
    private readonly SpeechPacer _speech;
    private long _sweepNs;

    public CallLoad(Endpoint server, IReadOnlyList<SipLogin> logins, uint firstAddress)
    {
        (_server, _firstAddress) = (server, firstAddress);
        ushort sip = _port.Open();
        ushort rtp = _port.Open();
        _phones = [.. logins.Select((login, at) => new CallingPhone(new SipIdentity(login, firstAddress + (uint)at, sip, server), rtp, server))];
        _ears = [.. logins.Select(_ => new LegEar())];
        _speech = new SpeechPacer(_port.Output(SpeechSocket));
    }

    /// <summary>From the first INVITE to the 200.</summary>
    public Histogram SetUp { get; } = new();

    /// <summary>What was refused or lost, by status; 408 for no answer, 487 for a call that the server ended, 0 for a call without speech.</summary>
    public Dictionary<int, int> Refusals { get; } = [];

    public long KernelDrops => _port.KernelDrops;

    public int Up => _phones.Count(phone => phone.State == CallingState.Up);

    /// <summary>Packets of speech that arrived, and that were sent.</summary>
    public long Heard => _ears.Sum(ear => ear.Packets);

    public long Said => _speech.Sent;

    /// <summary>
    /// So many calls, that many new ones per second, each held for a while with speech both ways. Returns how many were set up,
    /// heard, and ended.
    /// </summary>
    public long CallAndHangUp(int calls, double perSecond, int holdMs)
    {
        long begin = Clocks.MonotonicNs;
        int started = 0, next = 0;
        long done = 0, failed = 0;
        var busy = new List<int>();
        while (done + failed < calls)
        {
            long now = Clocks.MonotonicNs;
            while (started < calls && now - begin >= started * 1e9 / perSecond && TryFindIdle(ref next, out int at))
            {
                started++;
                _ears[at].Clear();
                busy.Add(at);
                Send(at, _phones[at].Invite(now));
            }

            Serve(now);
            for (int i = busy.Count - 1; i >= 0; i--)
            {
                int at = busy[i];
                CallingPhone phone = _phones[at];
                if (phone.State == CallingState.Up && now - phone.UpNs > holdMs * 1_000_000L)
                {
                    _speech.Stop(at);
                    Send(at, phone.Bye(now));
                }
                else if (phone.State == CallingState.Idle)
                {
                    busy.RemoveAt(i);
                    if (_ears[at].IsFailed) failed++;
                    else if (_ears[at].Packets == 0) failed += Count(0);
                    else done++;
                }
            }
        }

        return done;
    }

    /// <summary>Brings every phone into its call, so many per second, and leaves them there.</summary>
    public void CallAll(double perSecond)
    {
        long begin = Clocks.MonotonicNs;
        int started = 0;
        while (started < _phones.Length || _phones.Any(phone => phone.State == CallingState.Inviting))
        {
            long now = Clocks.MonotonicNs;
            if (started < _phones.Length && now - begin >= started * 1e9 / perSecond) Send(started, _phones[started++].Invite(now));
            Serve(now);
        }
    }

    /// <summary>
    /// Those phones press the star, say marked speech for a while and press the pound sign; every other one listens. The marks
    /// that arrive tell the delay.
    /// </summary>
    public LegHearing Talk(IReadOnlyList<int> talkers, int milliseconds, int warmUpMs)
    {
        foreach (int talker in talkers) _speech.Key(talker, _phones[talker], TelephoneKeys.Star);
        long begin = Clocks.MonotonicNs;
        foreach (int talker in talkers) _speech.Mark(talker, begin);
        ServeUntil(begin + warmUpMs * 1_000_000L);
        long from = Clocks.MonotonicNs;
        foreach (LegEar ear in _ears) ear.Listen(from, from + milliseconds * 1_000_000L, begin);
        ServeUntil(from + milliseconds * 1_000_000L);
        foreach (LegEar ear in _ears) ear.EndOfTalk();
        foreach (int talker in talkers) _speech.Key(talker, _phones[talker], TelephoneKeys.Pound);
        ServeUntil(Clocks.MonotonicNs + ReleaseNs);
        var heard = new LegHearing();
        for (int at = 0; at < _ears.Length; at++)
        {
            if (!talkers.Contains(at)) heard.Add(_ears[at], milliseconds);
        }

        return heard;
    }

    public void HangUpAll()
    {
        for (int at = 0; at < _phones.Length; at++)
        {
            if (_phones[at].State == CallingState.Up) Send(at, _phones[at].Bye(Clocks.MonotonicNs));
        }

        while (_phones.Any(phone => phone.State != CallingState.Idle)) Serve(Clocks.MonotonicNs);
    }

    public void Dispose() => _port.Dispose();

    private void ServeUntil(long monotonicNs)
    {
        for (long now = Clocks.MonotonicNs; now < monotonicNs; now = Clocks.MonotonicNs) Serve(now);
    }

    private void Serve(long now)
    {
        _speech.Send(now, _phones, _firstAddress);
        _port.Turn(1, Take);
        if (now >= _sweepNs)
        {
            Sweep(now);
            _sweepNs = now + SweepNs;
        }
    }

    private bool TryFindIdle(ref int next, out int at)
    {
        for (int tried = 0; tried < _phones.Length; tried++)
        {
            at = next;
            next = (next + 1) % _phones.Length;
            if (_phones[at].State == CallingState.Idle && !_ears[at].IsTaken)
            {
                _ears[at].IsTaken = true;
                return true;
            }
        }

        at = -1;
        return false;
    }

    private void Take(int socket, uint address, ReadOnlySpan<byte> datagram, long arrivalNs)
    {
        int at = (int)(address - _firstAddress);
        if (at < 0 || at >= _phones.Length) return;
        if (socket == SpeechSocket)
        {
            _ears[at].Hear(datagram, arrivalNs + _realtimeOffsetNs);
            return;
        }

        var reply = SipReply.Read(datagram);
        CallingPhone phone = _phones[at];
        if (reply.Status == 0)
        {
            TakeRequest(at, reply);
            return;
        }

        bool wasUp = phone.State == CallingState.Up;
        int refusal = phone.Take(reply, Clocks.MonotonicNs, message => Send(at, message));
        if (refusal != 0) Fail(at, refusal);
        else if (!wasUp && phone.State == CallingState.Up)
        {
            SetUp.AddNs(phone.UpNs - phone.StartedNs);
            _speech.Start(at, phone.UpNs);
        }
        else if (phone.State == CallingState.Idle)
        {
            _ears[at].IsTaken = false;
        }
    }

    private void TakeRequest(int at, SipReply request)
    {
        if (request.Text.StartsWith("ACK ", StringComparison.Ordinal)) return;
        Send(at, request.Answer());
        if (request.Text.StartsWith("BYE ", StringComparison.Ordinal) && _phones[at].State == CallingState.Up)
        {
            _phones[at].Rest();
            Fail(at, 487);
        }
    }

    private void Sweep(long now)
    {
        for (int at = 0; at < _phones.Length; at++)
        {
            CallingPhone phone = _phones[at];
            if (phone.State == CallingState.Inviting && now - phone.StartedNs > GiveUpNs)
            {
                phone.Rest();
                Fail(at, 408);
            }
            else if (phone.RepeatAtNs <= now)
            {
                Send(at, phone.Repeat(now));
            }
        }
    }

    private void Fail(int at, int status)
    {
        _speech.Stop(at);
        _ears[at].IsFailed = true;
        _ears[at].IsTaken = false;
        Count(status);
    }

    private int Count(int status)
    {
        Refusals[status] = Refusals.GetValueOrDefault(status) + 1;
        return 1;
    }

    private void Send(int at, string message) => _port.Send(message, _phones[at].Identity.Address, _server);
}
