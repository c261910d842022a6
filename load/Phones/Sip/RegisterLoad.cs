using Comms.Phones.Figures;
using Comms.Phones.Io;

namespace Comms.Phones.Sip;

/// <summary>
/// Accounts that register over UDP: each once with a challenge, then again and again with the nonce it has, as phones do. So
/// many exchanges are open at a time as the window says. Runs on the calling thread.
/// </summary>
public sealed class RegisterLoad : IDisposable
{
    private const long RepeatNs = 500_000_000;
    private const long GiveUpNs = 32_000_000_000;
    private const long SweepNs = 100_000_000;

    private readonly Endpoint _server;
    private readonly SipPort _port = new();
    private readonly Account[] _accounts;
    private readonly uint _firstAddress;
    private readonly Queue<int> _free = new();
    private readonly HashSet<int> _open = [];
    private Histogram _times = new();
    private long _done;
    private long _failed;
    private long _repeats;
    private long _challenges;

    public RegisterLoad(Endpoint server, IReadOnlyList<SipLogin> logins, uint firstAddress)
    {
        (_server, _firstAddress) = (server, firstAddress);
        ushort port = _port.Open();
        _accounts = [.. logins.Select((login, at) => new Account(new SipIdentity(login, firstAddress + (uint)at, port, server)))];
    }

    /// <summary>What was refused, by status.</summary>
    public Dictionary<int, int> Refusals { get; } = [];

    public long KernelDrops => _port.KernelDrops;

    /// <summary>Every account registers <paramref name="rounds"/> times.</summary>
    public RegisterFigures Run(int rounds, int window)
    {
        (_times, _done, _failed, _repeats, _challenges) = (new Histogram(), 0, 0, 0, 0);
        long total = (long)rounds * _accounts.Length;
        for (int at = 0; at < _accounts.Length; at++) _free.Enqueue(at);
        long started = 0, sweep = 0;
        long begin = Clocks.MonotonicNs;
        while (_done + _failed < total)
        {
            while (_open.Count < window && started < total && _free.TryDequeue(out int at))
            {
                started++;
                Start(at);
            }

            _port.Turn(20, Take);
            long now = Clocks.MonotonicNs;
            if (now > sweep)
            {
                Sweep(now);
                sweep = now + SweepNs;
            }
        }

        _free.Clear();
        return new RegisterFigures(_done, _failed, _repeats, _challenges, (Clocks.MonotonicNs - begin) / 1e9, _times);
    }

    public void Dispose() => _port.Dispose();

    private void Start(int at)
    {
        Account account = _accounts[at];
        _open.Add(at);
        account.StartedNs = Clocks.MonotonicNs;
        Send(account);
    }

    private void Send(Account account)
    {
        string uri = $"sip:{account.Identity.Domain}";
        var ids = new SipDialogIds(account.Identity.Login.User, account.CallId, account.Tag, "", ++account.Sequence);
        var request = account.Identity.Begin("REGISTER", uri, ids);
        account.Identity.Prove(request, "REGISTER", uri);
        account.Last = request.Append("Contact: ").Append(account.Identity.Contact).Append("\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n").ToString();
        account.SentNs = Clocks.MonotonicNs;
        account.RepeatNs = RepeatNs;
        _port.Send(account.Last, account.Identity.Address, _server);
    }

    private void Take(int socket, uint address, ReadOnlySpan<byte> datagram, long arrivalNs)
    {
        int at = (int)(address - _firstAddress);
        if (at < 0 || at >= _accounts.Length || !_open.Contains(at)) return;
        Account account = _accounts[at];
        var reply = SipReply.Read(datagram);
        if (reply.Status < 200 || reply.CSeq != $"{account.Sequence} REGISTER") return;
        if (reply.Status == 401)
        {
            _challenges++;
            account.Identity.Learn(reply);
            Send(account);
            return;
        }

        if (reply.Status == 200)
        {
            _done++;
            _times.AddNs(Clocks.MonotonicNs - account.StartedNs);
        }
        else
        {
            _failed++;
            Refusals[reply.Status] = Refusals.GetValueOrDefault(reply.Status) + 1;
        }

        _open.Remove(at);
        _free.Enqueue(at);
    }

    private void Sweep(long now)
    {
        foreach (int at in _open.ToList())
        {
            Account account = _accounts[at];
            if (now - account.StartedNs > GiveUpNs)
            {
                _failed++;
                Refusals[408] = Refusals.GetValueOrDefault(408) + 1;
                _open.Remove(at);
                _free.Enqueue(at);
            }
            else if (now - account.SentNs > account.RepeatNs)
            {
                _repeats++;
                account.SentNs = now;
                account.RepeatNs *= 2;
                _port.Send(account.Last, account.Identity.Address, _server);
            }
        }
    }

    private sealed class Account(SipIdentity identity)
    {
        public SipIdentity Identity => identity;

        public string CallId { get; } = SipIdentity.Word();

        public string Tag { get; } = SipIdentity.Word();

        public uint Sequence { get; set; }

        public string Last { get; set; } = "";

        public long StartedNs { get; set; }

        public long SentNs { get; set; }

        public long RepeatNs { get; set; }
    }
}

/// <summary>One run of <see cref="RegisterLoad"/>. A registration is counted when its 200 came.</summary>
public sealed record RegisterFigures(long Registered, long Failed, long Repeats, long Challenges, double Seconds, Histogram Times);
