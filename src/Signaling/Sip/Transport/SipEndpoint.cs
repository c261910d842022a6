using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Comms.Media.Numbers;
using Comms.Signaling.Security;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Registration;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Transport;

/// <summary>
/// Runs the sans-IO <see cref="SipServer"/>: its sockets, its one thread of work with a bounded mailbox, and one timer.
/// Owned by the host. Commands from other threads go through a queue that the mailbox drains first.
/// </summary>
public sealed partial class SipEndpoint : ISipCalls, IAsyncDisposable
{
    /// <summary>How long <see cref="StopAsync"/> waits for the answers to its BYEs.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly SipOptions _options;
    private readonly ISipDirectory _directory;
    private readonly ISipMessageHandler? _messages;
    private readonly ILogger<SipEndpoint> _log;
    private readonly TimeProvider _time;
    private readonly SipClock _clock;
    private readonly SipServer _server;
    private readonly Channel<SipPacket> _mailbox;
    private readonly ConcurrentQueue<Action<Instant>> _commands = new();
    private readonly List<SipUdpSocket> _sockets = [];
    private readonly SipStreams _streams;
    private readonly SipTls _tls;
    private readonly SipRouteFinder _routes;
    private readonly Dictionary<SipCallId, Action<SipServerEvent>> _placed = [];
    private readonly List<Task> _tasks = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private Instant _timerAt = Instant.Never;
    private bool _isStopping;

    public SipEndpoint(
        SipOptions options, SipRealm realm, ISipDirectory directory, TimeProvider time, ILogger<SipEndpoint> log, ISipMessageHandler? messages = null,
        ISipCertificate? certificate = null)
    {
        _options = options;
        _directory = directory;
        _messages = messages;
        _log = log;
        _time = time;
        _clock = new SipClock(time);
        _server = new SipServer(options, realm.Value, RandomNumberGenerator.GetBytes(32), Counters);
        _mailbox = Channel.CreateBounded<SipPacket>(new BoundedChannelOptions(options.MailboxCapacity) { SingleReader = true });
        _tls = new SipTls(options, certificate);
        _streams = new SipStreams(
            options, _clock, time, Counters, _tls, _mailbox.Writer.TryWrite, flow => Post(now => _server.HandleFlowClosed(flow, now)));
        _routes = new SipRouteFinder(_sockets, _streams);
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public event Action<SipServerEvent>? CallEvent;

    /// <summary>The contacts of an account changed. On the SIP core's thread: handlers only enqueue.</summary>
    public event Action<BindingsChanged>? BindingsChanged;

    /// <summary>The contacts of an account last longer. On the SIP core's thread: handlers only enqueue.</summary>
    public event Action<BindingsRefreshed>? BindingsRefreshed;

    /// <summary>Credentials did not fit. On the SIP core's thread: handlers only enqueue.</summary>
    public event Action<CredentialsRefused>? CredentialsRefused;

    public SipCounters Counters { get; } = new();

    /// <summary>The core's clock, in which bindings expire.</summary>
    public Instant Now => _clock.Now;

    /// <summary>Calls at this moment; for metrics.</summary>
    public int Calls { get; private set; }

    /// <summary>Transactions at this moment; for metrics.</summary>
    public int Transactions { get; private set; }

    /// <summary>The bound addresses, in the order of <see cref="SipOptions.ListenAddresses"/>.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => _sockets.ConvertAll(socket => socket.Local);

    /// <summary>The bound TCP addresses.</summary>
    public IReadOnlyList<IPEndPoint> TcpAddresses { get; private set; } = [];

    /// <summary>The bound TLS addresses; none without a certificate.</summary>
    public IReadOnlyList<IPEndPoint> TlsAddresses { get; private set; } = [];

    /// <summary>TCP and TLS connections at this moment.</summary>
    public int Connections => _streams.Connections;

    /// <summary>Puts back contacts that were kept over a restart. Before <see cref="Start"/> only.</summary>
    public void Restore(string accountId, IReadOnlyList<ContactBinding> bindings) => _server.Registrar.Restore(accountId, bindings);

    /// <summary>Binds and starts. Throws when an address cannot be bound: the operator must know.</summary>
    public void Start()
    {
        _tls.Load();
        foreach (var address in _options.ListenAddresses)
        {
            var socket = new SipUdpSocket(address, _options, _clock, Counters);
            _sockets.Add(socket);
            LogListening("udp", socket.Local);
        }

        TcpAddresses = Listen(SipTransportKind.Tcp, _options.TcpAddresses);
        TlsAddresses = _tls.CanAccept ? Listen(SipTransportKind.Tls, _options.TlsAddresses) : [];

        _tasks.AddRange(_sockets.Select(socket => Task.Run(() => socket.ReceiveAsync(_mailbox.Writer.TryWrite, _closing.Token))));
        _tasks.Add(Task.Run(RunAsync));
    }

    /// <summary>Sends BYE on every call, waits a moment for the answers, and closes.</summary>
    public async Task StopAsync()
    {
        Post(now =>
        {
            _isStopping = true;
            _server.Stop(now);
        });
        try
        {
            await _quiet.Task.WaitAsync(StopLimit, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogUnansweredByes();
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        Wake();
        await Task.WhenAll(_tasks).ConfigureAwait(false);
        _streams.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
    }

    /// <inheritdoc/>
    public void Answer(SipCallId call, ReadOnlyMemory<byte> sdp) => Post(now => _server.Answer(call, sdp, now));

    /// <inheritdoc/>
    public void Reject(SipCallId call, int status, string? warning = null) => Post(now => _server.Reject(call, status, now, warning));

    /// <inheritdoc/>
    public void HangUp(SipCallId call, string? cause = null) => Post(now => _server.HangUp(call, now, cause));

    /// <inheritdoc/>
    public void Ring(SipCallId call) => Post(now => _server.Ring(call, now));

    /// <inheritdoc/>
    public void Reoffer(SipCallId call, ReadOnlyMemory<byte> sdp) => Post(now => _server.Reoffer(call, sdp, now));

    /// <inheritdoc/>
    public void NotifyReferred(SipCallId call, int status) => Post(now => _server.NotifyReferred(call, status, now));

    /// <inheritdoc/>
    public Task<SipRoute?> FindRouteAsync(SipUri target, CancellationToken stopping) => _routes.FindAsync(target, stopping);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SipRoute>> FindContactsAsync(string accountId)
    {
        var found = new TaskCompletionSource<IReadOnlyList<SipRoute>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => found.TrySetResult(
            [.. _server.Registrar.Bindings(accountId).OrderByDescending(binding => binding.ExpiresAt).Select(binding => new SipRoute(binding.Flow, binding.Contact.Uri))]));
        return found.Task;
    }

    /// <inheritdoc/>
    public void TrustContact(string user, SipAccount? account) => Post(_ => _server.TrustContact(user, account));

    /// <inheritdoc/>
    public Task<OutgoingAnswer> RequestAsync(OutgoingRequest request)
    {
        var answered = new TaskCompletionSource<OutgoingAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(now => _server.Request(request, answer => answered.TrySetResult(answer), now));
        return answered.Task;
    }

    /// <inheritdoc/>
    public SipCallId Place(OutgoingInvite invite, Action<SipServerEvent> happened)
    {
        var call = _server.NewCall();
        Post(now =>
        {
            _placed[call] = happened;
            _server.Place(call, invite, now);
        });
        return call;
    }

    /// <inheritdoc/>
    public void Unregister(string accountId) => Post(_ => _server.Registrar.Remove(accountId));

    public async ValueTask DisposeAsync()
    {
        if (!_closing.IsCancellationRequested)
        {
            await StopAsync().ConfigureAwait(false);
        }

        _streams.Dispose();
        await _timer.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private void Post(Action<Instant> command)
    {
        _commands.Enqueue(command);
        Wake();
    }

    // An empty packet; when the mailbox is full the loop is awake anyway.
    private void Wake() => _mailbox.Writer.TryWrite(default);

    private async Task RunAsync()
    {
        while (!_closing.IsCancellationRequested && await _mailbox.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_mailbox.Reader.TryRead(out var packet))
            {
                Turn(packet);
            }
        }
    }

    // One input, then everything it caused. What it throws is a defect, and must not end everybody's calls.
    private void Turn(in SipPacket packet)
    {
        try
        {
            var now = _clock.Now;
            while (_commands.TryDequeue(out var command))
            {
                command(now);
            }

            if (packet.Octets is null)
            {
                // The timer may have fired, even a little early: arm it anew below.
                _timerAt = Instant.Never;
            }
            else
            {
                _server.HandleDatagram(packet.Octets, packet.Flow, now);
            }

            if (_server.NextDeadline <= now)
            {
                _server.HandleTimeout(now);
            }
        }
        catch (Exception error)
        {
            LogDefect(error);
        }

        Flush();
    }

    private void Flush()
    {
        while (_server.TryPollEvent(out var happening))
        {
            Dispatch(happening!);
        }

        while (_server.TryPollTransmit(out var transmit))
        {
            Send(transmit);
        }

        Calls = _server.Calls;
        Transactions = _server.Transactions;
        ArmTimer();
        if (_isStopping && !_server.IsWaiting)
        {
            _quiet.TrySetResult();
        }
    }

    private void Send(in SipTransmit transmit)
    {
        if (transmit.Flow.Transport == SipTransportKind.Udp)
        {
            SocketOf(transmit.Flow).Send(transmit);
        }
        else if (_streams.TrySend(transmit))
        {
            Counters.CountSent();
        }
        else
        {
            Counters.Drop(SipDropReason.SendFailed);
            var flow = transmit.Flow;
            Post(now => _server.HandleFlowClosed(flow, now));
        }
    }

    private List<IPEndPoint> Listen(SipTransportKind kind, IReadOnlyList<IPEndPoint> addresses)
    {
        var bound = addresses.Select(address => _streams.Listen(kind, address)).ToList();
        bound.ForEach(address => LogListening(kind == SipTransportKind.Tcp ? "tcp" : "tls", address));
        return bound;
    }

    private void ArmTimer()
    {
        var deadline = _server.NextDeadline;
        if (deadline == _timerAt)
        {
            return;
        }

        _timerAt = deadline;
        var waitMs = deadline == Instant.Never ? Timeout.Infinite : Math.Clamp(deadline.MsSince(_clock.Now) + 1, 0, int.MaxValue);
        _timer.Change(TimeSpan.FromMilliseconds(waitMs), Timeout.InfiniteTimeSpan);
    }

    private SipUdpSocket SocketOf(SipFlow flow)
    {
        foreach (var socket in _sockets)
        {
            if (socket.Local.Port == flow.Local.Port && (socket.Local.Address.Equals(flow.Local.Address) || socket.IsWildcard))
            {
                return socket;
            }
        }

        return _sockets[0];
    }

    private void Dispatch(SipServerEvent happening)
    {
        switch (happening)
        {
            case AccountWanted wanted:
                LookUp(wanted);
                break;
            case MessageArrived message:
                _ = HandMessageAsync(message);
                break;
            case CredentialsRefused refused:
                LogRefused(refused.UserName, refused.Source);
                CredentialsRefused?.Invoke(refused);
                break;
            case BindingsChanged bindings:
                LogBindings(bindings.AccountId, bindings.Bindings.Count);
                BindingsChanged?.Invoke(bindings);
                break;
            case BindingsRefreshed refreshed:
                BindingsRefreshed?.Invoke(refreshed);
                break;
            default:
                LogCall(happening);
                TellPlacer(happening);
                CallEvent?.Invoke(happening);
                break;
        }
    }

    // Whoever placed a call hears of it until it ends.
    private void TellPlacer(SipServerEvent happening)
    {
        if (CallOf(happening) is { } call && _placed.TryGetValue(call, out var happened))
        {
            if (happening is CallEnded)
            {
                _placed.Remove(call);
            }

            happened(happening);
        }
    }

    private static SipCallId? CallOf(SipServerEvent happening) => happening switch
    {
        CallRinging ringing => ringing.Call,
        CallAnswered answered => answered.Call,
        CallReoffered reoffered => reoffered.Call,
        CallReanswered reanswered => reanswered.Call,
        CallAcknowledged acknowledged => acknowledged.Call,
        CallInfo info => info.Call,
        CallReferred referred => referred.Call,
        CallEnded ended => ended.Call,
        _ => null,
    };

    // A known account needs no other thread.
    private void LookUp(AccountWanted wanted)
    {
        var finding = _directory.FindAccountAsync(wanted.UserName);
        if (finding.IsCompletedSuccessfully)
        {
            _server.HandleAccount(wanted.Lookup, finding.Result, _clock.Now);
        }
        else
        {
            _ = LookUpAsync(wanted, finding);
        }
    }

    private async Task LookUpAsync(AccountWanted wanted, ValueTask<SipAccount?> finding)
    {
        try
        {
            var account = await finding.ConfigureAwait(false);
            Post(now => _server.HandleAccount(wanted.Lookup, account, now));
        }
        catch (Exception error)
        {
            LogLookupFailed(error);
            Post(now => _server.FailAccount(wanted.Lookup, now));
        }
    }

    private async Task HandMessageAsync(MessageArrived message)
    {
        var status = SipStatus.NotFound;
        try
        {
            status = _messages is null ? status : await _messages.HandleAsync(message).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            LogLookupFailed(error);
            status = SipStatus.ServerInternalError;
        }

        Post(now => _server.RespondMessage(message.Message, status, now));
    }

    private void LogCall(SipServerEvent happening)
    {
        switch (happening)
        {
            case CallOffered offered:
                LogOffered(offered.Call, offered.Account.Id, offered.Number);
                break;
            case CallAnswered answered:
                LogAnswered(answered.Call, answered.Route.Target);
                break;
            case CallEnded ended:
                LogEnded(ended.Call, ended.Reason);
                break;
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "SIP listens on {Transport} {Address}")]
    private partial void LogListening(string transport, IPEndPoint address);

    [LoggerMessage(4002, LogLevel.Information, "SIP credentials of {UserName} from {Source} refused")]
    private partial void LogRefused(string userName, IPAddress source);

    [LoggerMessage(4003, LogLevel.Information, "Account {AccountId} has {Contacts} SIP contacts")]
    private partial void LogBindings(string accountId, int contacts);

    [LoggerMessage(4004, LogLevel.Information, "Call {Call} of account {AccountId} to {Number} offered")]
    private partial void LogOffered(SipCallId call, string accountId, string number);

    [LoggerMessage(4005, LogLevel.Information, "Call {Call} ended: {Reason}")]
    private partial void LogEnded(SipCallId call, CallEndReason reason);

    [LoggerMessage(4009, LogLevel.Information, "Call {Call} to {Target} answered")]
    private partial void LogAnswered(SipCallId call, SipUri target);

    [LoggerMessage(4006, LogLevel.Error, "A SIP lookup failed")]
    private partial void LogLookupFailed(Exception error);

    [LoggerMessage(4008, LogLevel.Information, "Some peers did not answer the BYE of the stop in time")]
    private partial void LogUnansweredByes();

    [LoggerMessage(4007, LogLevel.Error, "A SIP input could not be handled; it is dropped")]
    private partial void LogDefect(Exception error);
}
