using System.Runtime.CompilerServices;
using System.Text;
using Comms.Media.Crypto.OpenSsl;
using Comms.Media.Numbers;
using Comms.Media.Wire.Stun;

namespace Comms.Media.Ice;

/// <summary>
/// An ICE-lite responder for one component. RFC 8445 §2.5: always controlled, never sends checks, answers from the path that a
/// check came by. Sans-IO, owned by the session's loop: one <see cref="HandleRequest"/>, then send its reply. Allocates only when made.
/// </summary>
public sealed class IceLiteAgent
{
    /// <summary>A peer that is silent this long has gone: lite agents get no consent of their own (RFC 7675 §5.1 gives 30 s).</summary>
    public const long ExpiryMs = 30_000;

    /// <summary>Valid paths remembered; a browser checks from every interface it has, the longest unchecked one gives way.</summary>
    public const int MaxPaths = 8;

    private readonly byte[] _expectedUsername;
    private readonly HmacSha1Key _integrity;
    private PathTable _paths;
    private int _pathCount;

    public IceLiteAgent(IceCredentials local, IceCredentials remote, Instant now)
    {
        _expectedUsername = Encoding.UTF8.GetBytes($"{local.Ufrag}:{remote.Ufrag}");
        _integrity = new HmacSha1Key(Encoding.UTF8.GetBytes(local.Password));
        LastValidCheck = now;
    }

    /// <summary>The last valid request; the agent's making before the first.</summary>
    public Instant LastValidCheck { get; private set; }

    /// <summary>When the session has to end unless another valid request comes.</summary>
    public Instant NextDeadline => LastValidCheck.AddMs(ExpiryMs);

    public bool HasPath => _pathCount > 0;

    /// <summary>Where media goes: the path nominated last, or the first valid one before that. Meaningless without <see cref="HasPath"/>.</summary>
    public NetworkPath SelectedPath { get; private set; }

    /// <summary>True for a check that names these credentials, right or wrong.</summary>
    public bool IsAddressed(in StunMessage request) => request.HasUsername && request.Username.SequenceEqual(_expectedUsername);

    public bool IsExpired(Instant now) => now >= NextDeadline;

    /// <summary>True for a path that passed an authenticated check: the only sources of DTLS, RTP and RTCP.</summary>
    public bool IsValidPath(in NetworkPath path) => Find(path) >= 0;

    /// <summary>
    /// Answers one STUN message. <paramref name="reply"/> needs <see cref="StunMessage.MaxBytes"/> at the most. Order of refusals as in
    /// RFC 8489 §9.1.3 (400, 401), §6.3.1 (420), then RFC 8445 §7.3.1.1 (487).
    /// </summary>
    public IceCheckResult HandleRequest(in StunMessage request, in NetworkPath path, Instant now, Span<byte> reply)
    {
        if (request.Type != StunMessageType.BindingRequest) return new(IceCheckOutcome.Ignored, 0);
        if (!request.HasUsername || !request.HasIntegrity) return Refuse(request, reply, 400, "Bad Request"u8, authenticated: false);
        if (!request.Username.SequenceEqual(_expectedUsername) || !request.VerifyIntegrity(_integrity))
            return Refuse(request, reply, 401, "Unauthenticated"u8, authenticated: false);
        if (request.UnknownCount > 0) return Refuse(request, reply, 420, "Unknown Attribute"u8, authenticated: true);

        // A peer that believes to be controlled has to switch: the lite side never controls a full agent.
        if (request.TryReadControlled(out _)) return Refuse(request, reply, 487, "Role Conflict"u8, authenticated: true);

        LastValidCheck = now;
        bool selected = Learn(path, now, request.HasUseCandidate);
        return new(selected ? IceCheckOutcome.PathSelected : IceCheckOutcome.Accepted, WriteSuccess(request, path, reply));
    }

    private int WriteSuccess(in StunMessage request, in NetworkPath path, Span<byte> reply)
    {
        var writer = new StunWriter(reply, StunMessageType.BindingSuccess, request.TransactionId);
        writer.AddMappedAddress(path.Remote);
        writer.AddIntegrity(_integrity);
        writer.AddFingerprint();
        return writer.Length;
    }

    private IceCheckResult Refuse(in StunMessage request, Span<byte> reply, int code, ReadOnlySpan<byte> reason, bool authenticated)
    {
        var writer = new StunWriter(reply, StunMessageType.BindingError, request.TransactionId);
        writer.AddErrorCode(code, reason);
        if (request.UnknownCount > 0 && authenticated) writer.AddUnknownAttributes(request);
        if (authenticated) writer.AddIntegrity(_integrity);
        writer.AddFingerprint();
        return new(IceCheckOutcome.Refused, writer.Length);
    }

    /// <summary>Remembers the path; true when it became the selected one.</summary>
    private bool Learn(in NetworkPath path, Instant now, bool nominated)
    {
        bool isFirst = _pathCount == 0;
        int at = Find(path);
        if (at < 0) at = _pathCount < MaxPaths ? _pathCount++ : LongestUnchecked();
        _paths[at] = new ValidPath(path, now);
        bool changes = isFirst || (nominated && SelectedPath != path);
        if (changes) SelectedPath = path;
        return changes;
    }

    private int Find(in NetworkPath path)
    {
        for (int i = 0; i < _pathCount; i++)
            if (_paths[i].Path == path) return i;
        return -1;
    }

    private int LongestUnchecked()
    {
        int oldest = -1;
        for (int i = 0; i < _pathCount; i++)
            if (_paths[i].Path != SelectedPath && (oldest < 0 || _paths[i].LastCheck < _paths[oldest].LastCheck)) oldest = i;
        return oldest;
    }

    private readonly record struct ValidPath(NetworkPath Path, Instant LastCheck);

    [InlineArray(MaxPaths)]
    private struct PathTable
    {
        private ValidPath _first;
    }
}
