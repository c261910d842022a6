using Comms.Media.Numbers;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip;

/// <summary>
/// Lets requests through whose sender proved who it is, and answers the others: 401, 400 or 403. RFC 3261 §22.1. The
/// account is looked up by the owner in between. Sans-IO, single-threaded.
/// </summary>
internal sealed class PendingRequests(SipOptions options, DigestAuthenticator authenticator, TransactionLayer layer, Action<SipServerEvent> raise)
{
    private readonly Dictionary<long, Pending> _pending = [];
    private readonly TokenBuckets _wrong = new(options.WrongPasswordsPerMinute / 60.0, options.WrongPasswordsPerMinute);
    private long _lastLookup;

    public int Count => _pending.Count;

    /// <summary>Checks all that needs no account and asks for the account, or answers at once.</summary>
    public void Begin(ServerTransaction transaction, Instant now)
    {
        var request = transaction.Request;
        if (!_wrong.HasToken(transaction.Flow.Remote.Address, now))
        {
            Respond(transaction, SipStatus.Forbidden, now);
            return;
        }

        var verdict = authenticator.Inspect(request, now, out var credentials);
        if (verdict != DigestVerdict.Proven)
        {
            Refuse(transaction, verdict, now);
            return;
        }

        _pending.Add(++_lastLookup, new Pending(transaction, credentials!));
        raise(new AccountWanted(_lastLookup, credentials!.UserName));
    }

    /// <summary>The account of a lookup (null: none). True when the request may go on; it may have been cancelled meanwhile.</summary>
    public bool Complete(long lookup, SipAccount? account, Instant now, out ServerTransaction transaction)
    {
        var isKnown = _pending.Remove(lookup, out var pending);
        transaction = pending.Transaction;
        if (!isKnown || transaction.IsAnswered)
        {
            return false;
        }

        var verdict = authenticator.Verify(pending.Credentials, transaction.Request.Method, account?.Verifiers, now);
        if (verdict == DigestVerdict.Proven)
        {
            if (!account!.IsDisabled)
            {
                return true;
            }

            Respond(transaction, SipStatus.Forbidden, now);
            return false;
        }

        if (verdict == DigestVerdict.Wrong)
        {
            _wrong.TryTake(transaction.Flow.Remote.Address, now);
            raise(new CredentialsRefused(pending.Credentials.UserName, transaction.Flow.Remote.Address));
        }

        Refuse(transaction, verdict, now);
        return false;
    }

    /// <summary>The directory could not be asked: 500, so that the peer tries again.</summary>
    public void Fail(long lookup, Instant now)
    {
        if (_pending.Remove(lookup, out var pending))
        {
            Respond(pending.Transaction, SipStatus.ServerInternalError, now);
        }
    }

    private void Refuse(ServerTransaction transaction, DigestVerdict verdict, Instant now)
    {
        if (verdict == DigestVerdict.Malformed)
        {
            Respond(transaction, SipStatus.BadRequest, now);
            return;
        }

        var response = SipResponse.For(transaction.Request, SipStatus.Unauthorized, SipIdentifier.NewTag());
        authenticator.Challenge(response, verdict == DigestVerdict.Stale, now);
        layer.Respond(transaction, response, now);
    }

    private void Respond(ServerTransaction transaction, int status, Instant now) =>
        layer.Respond(transaction, SipResponse.For(transaction.Request, status, SipIdentifier.NewTag()), now);

    private readonly record struct Pending(ServerTransaction Transaction, DigestCredentials Credentials);
}
