using System.Text;
using Comms.Media.Ice;
using Comms.Media.Numbers;
using Comms.Media.Wire.Stun;

namespace Comms.Media.Node;

/// <summary>
/// One session as the whole node knows it: its credentials and, once a loop has claimed it, where it lives. Commands that come
/// before are kept and run when it is claimed. The lock is on the control path only.
/// </summary>
internal sealed class SessionEntry(SessionId id, string owner)
{
    private readonly Lock _lock = new();
    private readonly List<Action<LoopSession, Instant>> _early = [];
    private volatile MediaLoop? _loop;
    private volatile Check? _check;
    private bool _isClosed;

    public SessionId Id { get; } = id;

    public string Owner { get; } = owner;

    /// <summary>Set before the entry is published; null for a plain-RTP leg.</summary>
    public WebRtcSessionParameters? WebRtc { get; private set; }

    public IceCredentials? Local { get; private set; }

    /// <summary>The owning loop; null until a valid check has come.</summary>
    public MediaLoop? Loop => _loop;

    /// <summary>The session itself; touched on <see cref="Loop"/> only.</summary>
    public LoopSession? Session { get; private set; }

    public void UseWebRtc(WebRtcSessionParameters parameters, IceCredentials local)
    {
        WebRtc = parameters;
        Local = local;
        _check = new Check(Encoding.UTF8.GetBytes($"{local.Ufrag}:{parameters.RemoteUfrag}"), Encoding.UTF8.GetBytes(local.Password));
    }

    /// <summary>ICE restart before any check has come: only the new credentials count. False: a loop owns the session already.</summary>
    public bool TryReplaceCredentials(IceCredentials local, IceCredentials remote)
    {
        lock (_lock)
        {
            if (_isClosed || _loop is not null || WebRtc is null) return false;
            UseWebRtc(WebRtc with { RemoteUfrag = remote.Ufrag, RemotePassword = remote.Password }, local);
            return true;
        }
    }

    /// <summary>True for a Binding request with this session's user name and password. Any thread; changes nothing.</summary>
    public bool IsAuthentic(in StunMessage message) =>
        _check is { } check && message.Type == StunMessageType.BindingRequest && message.HasUsername && message.HasIntegrity
        && message.Username.SequenceEqual(check.UserName) && message.VerifyIntegrity(check.Password);

    /// <summary>Gives the session to a loop, on that loop. False: another loop was first, or it was closed.</summary>
    public bool TryClaim(MediaLoop loop)
    {
        lock (_lock)
        {
            if (_isClosed || _loop is not null) return false;
            _loop = loop;
            return true;
        }
    }

    /// <summary>On the claiming loop: runs what was asked before.</summary>
    public void Attach(LoopSession session, Instant now)
    {
        Action<LoopSession, Instant>[] early;
        lock (_lock)
        {
            Session = session;
            early = [.. _early];
            _early.Clear();
        }

        foreach (var command in early) command(session, now);
    }

    /// <summary>Runs a command on the session's loop, or keeps it until there is one (then the answer is true).</summary>
    public Task<bool> InvokeAsync(Func<LoopSession, Instant, bool> command)
    {
        lock (_lock)
        {
            if (_isClosed) return Task.FromResult(false);
            if (Session is null)
            {
                _early.Add((session, now) => command(session, now));
                return Task.FromResult(true);
            }
        }

        return _loop!.Events.CallAsync(now => Session is { IsEnded: false } session && command(session, now), refused: false);
    }

    /// <summary>Marks the entry closed. False: it was already. <paramref name="wasClaimed"/>: a loop owns it and has to end it.</summary>
    public bool TryClose(out bool wasClaimed)
    {
        lock (_lock)
        {
            wasClaimed = _loop is not null;
            if (_isClosed) return false;
            _isClosed = true;
            return true;
        }
    }

    /// <summary>What a valid check carries; exchanged as one.</summary>
    private sealed record Check(byte[] UserName, byte[] Password);
}
