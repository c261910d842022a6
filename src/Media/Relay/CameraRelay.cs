using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Media.Relay;

/// <summary>What a relay wants done with its process.</summary>
public enum RelayAction
{
    Spawn,
    Kill,

    /// <summary>Packets come, but no picture: say why through <see cref="CameraRelay.HandleDark"/>.</summary>
    Explain,
}

/// <summary>A feed's state as its relay sees it.</summary>
public readonly record struct RelayState(FeedState State, string Reason);

/// <summary>
/// The life of one camera's relay, sans-IO: when to start a run (an ffmpeg, or a connection of our own), when to kill it, how
/// long to wait before the next, and what to say about it. Owned by the feed's loop. Contract: one Handle call, then drain
/// <see cref="TryPollAction"/> and <see cref="TryPollState"/> and arm <see cref="NextDeadline"/>.
/// </summary>
/// <param name="reserve">When the site lets this camera connect; not called again for a moment already given.</param>
public sealed class CameraRelay(uint seed, RelayMode mode, Func<Instant, Instant>? reserve = null)
{
    /// <summary>Connecting, describing and probing may take this long before the first packet.</summary>
    private const int FirstPacketMs = 20_000;

    private const int SilenceMs = 10_000;

    /// <summary>Packets without a picture for this long are told.</summary>
    private const int DarkMs = 20_000;

    /// <summary>A killed run that does not report its end within this is given up.</summary>
    private const int ExitMs = 5_000;

    private const int LeaveMs = 2_000;

    /// <summary>A relay that ran this long starts its waiting times anew.</summary>
    private const int StableMs = 30_000;

    /// <summary>
    /// Cameras lock accounts after a few wrong passwords for about this long. Nothing is tried again by itself after one; asked to
    /// start after this time, the relay does.
    /// </summary>
    private const int WrongPasswordMs = 30 * 60 * 1000;

    private readonly Queue<RelayAction> _actions = new();
    private readonly Queue<RelayState> _states = new();
    private RelayBackoff _backoff = new(seed);
    private RelayState _state = new(FeedState.Stopped, RelayReason.Stopped);
    private Phase _phase;
    private bool _isWanted;
    private bool _restartsAtOnce;
    private string _killReason = "";
    private Instant _since;
    private Instant _lastPacket;
    private bool _isDark;

    private enum Phase
    {
        Idle,
        Waiting,

        /// <summary>Waits for its turn in the site's connect budget.</summary>
        Queued,

        /// <summary>The camera refused the account: only a new source, or a later start, tries again.</summary>
        Rejected,
        Opening,
        Receiving,

        /// <summary>The process let go of our connection: its end, which tells why, should follow by itself.</summary>
        Leaving,
        Ending,
    }

    /// <summary>The lightest way until the source turned out to need a heavier one.</summary>
    public RelayMode Mode { get; private set; } = mode;

    public RelayState State => _state;

    /// <summary>The account was refused and is not tried again; to be remembered even when nobody wants the camera now.</summary>
    public bool IsRejected => _phase == Phase.Rejected;

    /// <summary>When <see cref="HandleTimeout"/> is to be called; may move later with every packet.</summary>
    public Instant NextDeadline => _phase switch
    {
        Phase.Waiting or Phase.Queued => _since,
        Phase.Opening => _since.AddMs(FirstPacketMs),
        Phase.Receiving when _isDark => Instant.Min(_lastPacket.AddMs(SilenceMs), _since.AddMs(DarkMs)),
        Phase.Receiving => _lastPacket.AddMs(SilenceMs),
        Phase.Leaving => _since.AddMs(LeaveMs),
        Phase.Ending => _since.AddMs(ExitMs),
        _ => Instant.Never,
    };

    public void Start(Instant now)
    {
        _isWanted = true;
        if (_phase == Phase.Idle && Mode == RelayMode.Published)
        {
            Await(FeedState.Connecting, RelayReason.NoPublisher);
        }
        else if (_phase == Phase.Idle || (_phase == Phase.Rejected && now >= _since))
        {
            _backoff.Reset();
            Spawn(now, RelayReason.Connecting);
        }
        else if (_phase == Phase.Rejected)
        {
            Report(FeedState.Reconnecting, RelayReason.Unauthorized);
        }
        else if (_phase == Phase.Ending)
        {
            _restartsAtOnce = true;
            Report(FeedState.Connecting, RelayReason.Connecting);
        }
    }

    /// <summary>What failed before may work again: the waiting time ends and begins anew.</summary>
    public void Retry(Instant now)
    {
        if (_phase == Phase.Waiting && Mode != RelayMode.Published)
        {
            _backoff.Reset();
            Spawn(now, _state.Reason);
        }
    }

    /// <summary>A stranger begins to publish, in the place of any other.</summary>
    public void HandlePublisher(Instant now)
    {
        _isWanted = true;
        _phase = Phase.Opening;
        _since = now;
    }

    public void Stop(Instant now)
    {
        _isWanted = false;
        Report(FeedState.Stopped, RelayReason.Stopped);
        if (_phase is Phase.Opening or Phase.Receiving or Phase.Leaving)
        {
            Kill(now, RelayReason.Stopped);
        }
        else if (_phase is Phase.Waiting or Phase.Queued)
        {
            _phase = Phase.Idle;
        }
    }

    /// <summary>The run ended by itself, or because it was killed, or could not be started.</summary>
    /// <param name="reason">In words; a run that was killed tells less than why it was.</param>
    public void HandleEnded(string reason, Instant now)
    {
        if (_phase is Phase.Idle or Phase.Waiting or Phase.Queued or Phase.Rejected)
        {
            return;
        }

        HandleGone(_phase == Phase.Ending ? _killReason : reason, now);
    }

    /// <summary>A packet came. The packet path.</summary>
    public void HandlePacket(Instant now)
    {
        _lastPacket = now;
        if (_phase == Phase.Opening)
        {
            _phase = Phase.Receiving;
            _since = now;
            _isDark = _state.State != FeedState.Live;
        }
    }

    /// <summary>The first picture can be shown.</summary>
    public void HandlePicture()
    {
        if (_phase is Phase.Receiving or Phase.Opening)
        {
            _isDark = false;
            Report(FeedState.Live, "");
        }
    }

    /// <summary>Why there is no picture although packets come. The connection stays: a picture may still come.</summary>
    public void HandleDark(string reason)
    {
        if (_phase == Phase.Receiving && _state.State != FeedState.Live)
        {
            Report(FeedState.Reconnecting, reason);
        }
    }

    /// <summary>The process's connection to us ended: it will not send again.</summary>
    public void HandlePublisherGone(Instant now)
    {
        if (_phase == Phase.Receiving)
        {
            ResetWhenStable(now);
            _phase = Phase.Leaving;
            _since = now;
        }
    }

    /// <summary>The source cannot be taken in by the present mode: a heavier one does it from now on.</summary>
    public void HandleUnsuitable(RelayMode next, Instant now)
    {
        if (next > Mode && Mode != RelayMode.Published && _phase is Phase.Opening or Phase.Receiving)
        {
            Mode = next;
            _restartsAtOnce = true;
            Kill(now, next == RelayMode.Transcode ? RelayReason.Converting : RelayReason.Connecting);
        }
    }

    public void HandleTimeout(Instant now)
    {
        if (now < NextDeadline)
        {
            return;
        }

        switch (_phase)
        {
            case Phase.Waiting:
                Spawn(now, _state.Reason);
                break;
            case Phase.Opening:
                Kill(now, RelayReason.NoFirstPacket);
                break;
            case Phase.Queued:
                Open(now);
                break;
            case Phase.Receiving when now < _lastPacket.AddMs(SilenceMs):
                _isDark = false;
                _actions.Enqueue(RelayAction.Explain);
                break;
            case Phase.Receiving:
                Kill(now, RelayReason.Silent);
                break;
            case Phase.Leaving:
                Kill(now, RelayReason.SourceEnded);
                break;
            case Phase.Ending:
                HandleGone(_killReason, now);
                break;
        }
    }

    public bool TryPollAction(out RelayAction action) => _actions.TryDequeue(out action);

    public bool TryPollState(out RelayState state) => _states.TryDequeue(out state);

    private void Spawn(Instant now, string reason)
    {
        Report(_state.State is FeedState.Stopped or FeedState.Connecting ? FeedState.Connecting : FeedState.Reconnecting, reason);
        var turn = reserve?.Invoke(now) ?? now;
        if (turn > now)
        {
            _phase = Phase.Queued;
            _since = turn;
        }
        else
        {
            Open(now);
        }
    }

    private void Open(Instant now)
    {
        _phase = Phase.Opening;
        _since = now;
        _actions.Enqueue(RelayAction.Spawn);
    }

    /// <summary>Nothing can be done until somebody publishes.</summary>
    private void Await(FeedState state, string reason)
    {
        _phase = Phase.Waiting;
        _since = Instant.Never;
        Report(state, reason);
    }

    private void Kill(Instant now, string reason)
    {
        ResetWhenStable(now);
        _phase = Phase.Ending;
        _since = now;
        _killReason = reason;
        _actions.Enqueue(RelayAction.Kill);
    }

    private void HandleGone(string reason, Instant now)
    {
        ResetWhenStable(now);
        _phase = Phase.Idle;
        if (!_isWanted)
        {
            return;
        }

        if (Mode == RelayMode.Published)
        {
            Await(FeedState.Reconnecting, reason);
            return;
        }

        if (_state.State != FeedState.Connecting || !_restartsAtOnce)
        {
            Report(FeedState.Reconnecting, reason);
        }

        if (reason == RelayReason.Unauthorized)
        {
            _restartsAtOnce = false;
            _phase = Phase.Rejected;
            _since = now.AddMs(WrongPasswordMs);
            return;
        }

        var waitMs = _restartsAtOnce ? 0 : _backoff.NextMs();
        _restartsAtOnce = false;
        _phase = Phase.Waiting;
        _since = now.AddMs(waitMs);
    }

    private void ResetWhenStable(Instant now)
    {
        if (_phase == Phase.Receiving && now.MsSince(_since) > StableMs)
        {
            _backoff.Reset();
        }
    }

    private void Report(FeedState state, string reason)
    {
        var next = new RelayState(state, reason);
        if (next != _state)
        {
            _state = next;
            _states.Enqueue(next);
        }
    }
}
