using System.Collections.Concurrent;
using System.Net;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Numbers;
using Comms.Media.Wire;
using Comms.Phones.Control;
using Comms.Phones.Io;
using Comms.Phones.Media;

namespace Comms.Phones;

/// <summary>
/// One thread with its share of the phones: their UDP sockets, their TCP connections, talking and what a page repeats by itself.
/// Only <see cref="Post"/> and the counters may be used from other threads.
/// </summary>
internal sealed class PhoneLoop : IDisposable
{
    private const long CheckPeriodNs = 2_500_000_000;

    /// <summary>A page reports every 5 s for each of its four slots.</summary>
    private const long ReportPeriodNs = 1_250_000_000;
    private const long PingPeriodNs = 10_000_000_000;
    private const long TimerPeriodNs = 20_000_000;
    private const ulong SocketTag = 1UL << 40;
    private const int BatchesPerTurn = 8;
    private const int WaitMs = 5;

    private readonly FleetOptions _options;
    private readonly int _index;
    private readonly Thread _thread;
    private readonly Epoll _epoll = new();
    private readonly ReceiveBatch _receive = new();
    private readonly PhoneSocket[] _sockets;
    private readonly Phone[] _phones;
    private readonly byte[] _reportKeys;
    private readonly byte[] _streamBuffer = new byte[64 * 1024];
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Dictionary<int, Talker> _talkers = [];
    private readonly Admission _admission;
    private readonly FloorNews _floors = new();
    private Pacer _checks = new(1, 0, 0);
    private Pacer _reports = new(1, 0, 0);
    private Pacer _pings = new(1, 0, 0);
    private Endpoint _server;
    private long _realtimeOffsetNs;
    private long _nextTimerNs;
    private volatile bool _isStopping;

    public PhoneLoop(FleetOptions options, int index, IReadOnlyList<(int Number, PhoneAccount Account)> phones, IReadOnlyList<string> channels, IPhoneLinks links)
    {
        _options = options;
        _index = index;
        Channels = channels;
        Links = links;
        _phones = [.. phones.Select((phone, row) => new Phone(this, phone.Number, row, phone.Account))];
        _sockets = [.. Enumerable.Range(0, options.SocketsPerLoop).Select(_ => new PhoneSocket())];
        for (int i = 0; i < _sockets.Length; i++) _epoll.Add(_sockets[i].Descriptor, SocketTag | (uint)i, writable: false);
        _reportKeys = new byte[_phones.Length * SrtpOnce.KeyBytes];
        Listeners = new ListenerTable(_phones.Length, channels.Count);
        _admission = new Admission(_phones, options.JoiningPerLoop);
        _thread = new Thread(Run) { IsBackground = true, Name = $"phones-{index}" };
    }

    public IReadOnlyList<string> Channels { get; }

    public IPhoneLinks Links { get; }

    public DtlsIdentity Identity => Links.Dtls.Identity;

    public OpenSslDtlsContext Dtls => Links.Dtls;

    public ListenerTable Listeners { get; }

    /// <summary>Counters of the way in; any thread may read them.</summary>
    public Admission Admission => _admission;

    public int PhoneCount => _phones.Length;

    public long ControlBytes => _phones.Sum(phone => phone.Link?.BytesReceived ?? 0);

    public long KernelDrops => _sockets.Sum(socket => socket.KernelDrops);

    public long RefusedSends => _sockets.Sum(socket => socket.Output.Refused);

    /// <summary>Datagrams from elsewhere than the server's media port, such as the plain reference's.</summary>
    public long Foreign { get; private set; }

    /// <summary>Where the server's media comes from.</summary>
    public Endpoint MediaServer => _server;

    public void Start() => _thread.Start();

    /// <summary>Runs the action on the loop.</summary>
    public void Post(Action action) => _posted.Enqueue(action);

    public Task<T> CallAsync<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                result.SetResult(function());
            }
            catch (Exception fault)
            {
                result.SetException(fault);
            }
        });
        return result.Task;
    }

    public Phone PhoneAt(int row) => _phones[row];

    public int NumberOf(int row) => _phones[row].Number;

    public uint AddressOf(int number) => _options.FirstAddress + (uint)number;

    /// <summary>Where datagrams to a phone go.</summary>
    public Endpoint EndpointOf(int row) => new(AddressOf(NumberOf(row)), _sockets[row % _sockets.Length].Port);

    public SendBatch OutputOf(int row) => _sockets[row % _sockets.Length].Output;

    public bool IsWantedCandidate(IPAddress address) => Endpoint.Of(new IPEndPoint(address, 0)).Address == _options.Http.Address;

    public void Learn(Endpoint server) => _server = server;

    public void OpenLink(Phone phone)
    {
        try
        {
            phone.Link = Links.Open(phone, this, _epoll);
        }
        catch (IOException fault)
        {
            phone.Fail(fault.Message);
        }
    }

    public void OnGreeted(Phone phone) => _admission.OnGreeted(phone);

    public void OnKeys(Phone phone, DtlsSrtpKeys keys)
    {
        SrtpOnce.DeriveRtcp(keys.Local, _reportKeys.AsSpan(phone.Row * SrtpOnce.KeyBytes, SrtpOnce.KeyBytes));
        Listeners.Connect(phone.Row, keys, phone.Row % _options.ComparedOneIn == 0);
    }

    public void OnJoined(Phone phone)
    {
        Listeners.Rows[phone.Row].Channel = (short)Links.ChannelOf(phone.Account.ChannelId);
        _admission.OnJoined(phone);
    }

    public void OnFailed(Phone phone) => _admission.OnFailed(phone);

    public void OnFloors(Phone phone, ReadOnlySpan<byte> arguments, long arrivalNs) =>
        _floors.Take(ref Listeners.Rows[phone.Row], phone.Account.ChannelId, arguments, arrivalNs);

    public TakenCount Taken(int channel, long burstId) => _floors.Count(channel, burstId);

    /// <summary>Begins to send a burst from a phone that has the floor; ends with its last frame.</summary>
    public Task Talk(int row, Burst burst)
    {
        if (!_talkers.TryGetValue(row, out Talker? talker))
            _talkers[row] = talker = new Talker(row, _phones[row].Keys!.Local, _phones[row].Ssrc);
        return talker.Begin(burst);
    }

    public void Dispose()
    {
        _isStopping = true;
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted)) Release();
        else _thread.Join();
    }

    private void Run()
    {
        long now = Clocks.MonotonicNs;
        _checks = new Pacer(CheckPeriodNs, _phones.Length, now);
        _reports = new Pacer(ReportPeriodNs, _phones.Length, now);
        _pings = new Pacer(PingPeriodNs, _phones.Length, now);
        while (!_isStopping) Turn();
        Release();
    }

    private void Release()
    {
        foreach (Phone phone in _phones) phone.Close();
        foreach (Talker talker in _talkers.Values) talker.Dispose();
        foreach (PhoneSocket socket in _sockets) socket.Dispose();
        Listeners.Dispose();
        _receive.Dispose();
        _epoll.Dispose();
    }

    private void Turn()
    {
        int ready = _epoll.Wait(_talkers.Values.Any(talker => talker.Current is not null) || _admission.IsBusy ? 1 : WaitMs);
        for (int i = 0; i < ready; i++) Serve(i);
        Links.Deliver(_index);
        while (_posted.TryDequeue(out Action? action)) action();
        Say();
        long now = Clocks.MonotonicNs;
        if (now >= _nextTimerNs)
        {
            _nextTimerNs = now + TimerPeriodNs;
            _realtimeOffsetNs = Clocks.MonotonicMinusRealtimeNs;
            _admission.RunTimers(new Instant(now));
        }

        _admission.Admit();
        Repeat(now);
        foreach (PhoneSocket socket in _sockets) socket.Output.Flush();
    }

    private void Serve(int position)
    {
        ulong tag = _epoll.Event(position, out bool readable, out bool writable);
        if ((tag & SocketTag) != 0)
        {
            Receive(_sockets[(int)(tag & 0xFFFF)]);
            return;
        }

        if (_phones[(int)tag].Link is not TcpLink link) return;
        if (readable) link.OnReadable(_streamBuffer, Clocks.MonotonicNs);
        if (writable) link.OnWritable();
    }

    private void Receive(PhoneSocket socket)
    {
        for (int batch = 0; batch < BatchesPerTurn; batch++)
        {
            int count = _receive.Receive(socket.Descriptor);
            for (int i = 0; i < count; i++) Take(i);
            if (count < ReceiveBatch.Capacity) return;
            Say();
        }
    }

    private void Take(int position)
    {
        _receive.ReadControl(position, out uint destination, out long arrivalRealNs);
        int number = (int)(destination - _options.FirstAddress);
        int row = number / _options.Loops;
        if (_receive.Source(position) != _server || (uint)row >= (uint)_phones.Length || _phones[row].Number != number)
        {
            Foreign++;
            return;
        }

        var datagram = _receive.Payload(position);
        switch (DatagramDemultiplexer.Classify(datagram))
        {
            case DatagramKind.Rtp:
                Listeners.Take(row, datagram, arrivalRealNs + _realtimeOffsetNs);
                break;
            case DatagramKind.Stun:
                _phones[row].OnStun(datagram, new Instant(Clocks.MonotonicNs));
                break;
            case DatagramKind.Dtls:
                _phones[row].OnDtls(datagram, new Instant(Clocks.MonotonicNs));
                break;
        }
    }

    private void Say()
    {
        foreach (Talker talker in _talkers.Values)
        {
            while (talker.NextNs <= Clocks.MonotonicNs)
            {
                var output = OutputOf(talker.Phone);
                output.Commit(talker.Write(output.Reserve()), _phones[talker.Phone].Address, _server);
                output.Flush();
            }
        }
    }

    private void Repeat(long nowNs)
    {
        for (int due = _checks.Due(nowNs); due > 0; due--)
        {
            Phone phone = _phones[_checks.Next()];
            if (phone.Stage == PhoneStage.Joined) phone.Check();
        }

        for (int due = _reports.Due(nowNs); due > 0; due--) Report(_phones[_reports.Next()]);
        for (int due = _pings.Due(nowNs); due > 0; due--)
        {
            Phone phone = _phones[_pings.Next()];
            if (phone.Stage is >= PhoneStage.Greeted and <= PhoneStage.Joined) phone.Ping();
        }
    }

    private void Report(Phone phone)
    {
        if (phone.Stage != PhoneStage.Joined) return;
        var output = OutputOf(phone.Row);
        var key = _reportKeys.AsSpan(phone.Row * SrtpOnce.KeyBytes, SrtpOnce.KeyBytes);
        int bytes = Reports.Write(output.Reserve(), key, phone.Ssrc, ref Listeners.Rows[phone.Row]);
        output.Commit(bytes, phone.Address, _server);
    }
}
