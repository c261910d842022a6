using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Transaction;

/// <summary>
/// All transactions of one SIP core. Sans-IO and single-threaded: call one Handle or command, then drain
/// <see cref="Outputs"/>; call <see cref="HandleTimeout"/> at <see cref="NextDeadline"/>.
/// </summary>
public sealed class TransactionLayer(SipTimers timers, SipCounters counters, int maxTransactions = 100_000)
{
    private readonly Dictionary<ServerKey, ServerTransaction> _servers = [];
    private readonly Dictionary<ClientKey, ClientTransaction> _clients = [];
    private readonly Dictionary<MergeKey, ServerTransaction> _merges = [];
    private readonly PriorityQueue<SipTransaction, Instant> _deadlines = new();

    public TransactionOutputs Outputs { get; } = new();

    public int Count => _servers.Count + _clients.Count;

    /// <summary>True while a request of ours has no final answer.</summary>
    public bool IsWaiting => _clients.Values.Any(client =>
        client.State is TransactionState.Calling or TransactionState.Trying or TransactionState.Proceeding);

    /// <summary>May be earlier than the first real deadline, never later.</summary>
    public Instant NextDeadline => _deadlines.TryPeek(out _, out var at) ? at : Instant.Never;

    public void Handle(SipMessage message, SipFlow flow, Instant now)
    {
        if (message is SipRequest request)
        {
            HandleRequest(request, flow, now);
        }
        else
        {
            HandleResponse((SipResponse)message, flow, now);
        }
    }

    /// <summary>Answers a request; a second final answer is not sent.</summary>
    public void Respond(ServerTransaction transaction, SipResponse response, Instant now)
    {
        transaction.Respond(response, now);
        Settle(transaction);
    }

    /// <summary>
    /// Sends a request of ours whose top Via has an unused branch. ACK is not sent this way. <paramref name="heard"/> is
    /// called by whoever drains the events: with each response, and with null when none came.
    /// </summary>
    public ClientTransaction Send(SipRequest request, SipFlow flow, Instant now, Action<SipResponse?, Instant>? heard = null)
    {
        ClientTransaction transaction = request.IsInvite
            ? new InviteClientTransaction(request, flow, timers, Outputs) { Heard = heard }
            : new NonInviteClientTransaction(request, flow, timers, Outputs) { Heard = heard };
        _clients[transaction.Key] = transaction;
        transaction.Start(now);
        Settle(transaction);
        return transaction;
    }

    /// <summary>Gives a request of ours up: its answer is no longer waited for, which for a ringing INVITE has no other end.</summary>
    public void Abandon(ClientTransaction transaction)
    {
        transaction.Abandon();
        Settle(transaction);
    }

    public void HandleTimeout(Instant now)
    {
        while (_deadlines.TryPeek(out var transaction, out var at) && at <= now)
        {
            _deadlines.Dequeue();
            if (transaction.QueuedAt != at || transaction.State == TransactionState.Terminated)
            {
                continue;
            }

            transaction.QueuedAt = Instant.Never;
            transaction.HandleTimeout(now);
            Settle(transaction);
        }
    }

    /// <summary>The peer of a flow cannot be reached: requests of ours towards it fail now instead of at timer B or F.</summary>
    public void HandleTransportFailure(SipFlow flow)
    {
        foreach (var transaction in _clients.Values.Where(client => client.Flow == flow).ToList())
        {
            transaction.Fail();
            Settle(transaction);
        }
    }

    private void HandleRequest(SipRequest request, SipFlow flow, Instant now)
    {
        var found = _servers.GetValueOrDefault(ServerKey.Of(request));
        if (request.IsAck)
        {
            HandleAck(found as InviteServerTransaction, request, now);
            return;
        }

        if (found is not null)
        {
            found.HandleRetransmission();
            return;
        }

        if (Count >= maxTransactions)
        {
            counters.Drop(SipDropReason.TooManyTransactions);
            var refusal = SipResponse.For(request, SipStatus.ServiceUnavailable);
            refusal.Headers.Add(SipHeaderNames.RetryAfter, "5");
            Outputs.Send(flow, SipMessageWriter.Write(refusal));
            return;
        }

        Begin(request, flow, now);
    }

    private void HandleAck(InviteServerTransaction? invite, SipRequest ack, Instant now)
    {
        if (invite is null || !invite.HandleAck(ack, now))
        {
            Outputs.Raise(new AckReceived(ack));
            return;
        }

        Settle(invite);
    }

    private void Begin(SipRequest request, SipFlow flow, Instant now)
    {
        ServerTransaction transaction = request.IsInvite
            ? new InviteServerTransaction(request, flow, timers, Outputs, now)
            : new NonInviteServerTransaction(request, flow, timers, Outputs);
        _servers.Add(transaction.Key, transaction);
        Settle(transaction);
        if (request.Method == SipMethods.Cancel)
        {
            var invite = _servers.GetValueOrDefault(ServerKey.OfCancelledInvite(request)) as InviteServerTransaction;
            Outputs.Raise(new CancelReceived(transaction, request, invite));
            return;
        }

        var isMerged = false;
        if (request.To.Tag is null)
        {
            var key = new MergeKey(request.CallId, request.CSeq, request.From.Tag);
            isMerged = !_merges.TryAdd(key, transaction);
            transaction.MergedAs = isMerged ? null : key;
        }

        Outputs.Raise(new RequestReceived(transaction, request, isMerged));
    }

    private void HandleResponse(SipResponse response, SipFlow flow, Instant now)
    {
        // RFC 3261 §8.1.3.3: a response with more than our own Via was misrouted.
        if (response.Headers.List(SipHeaderNames.Via).Count != 1)
        {
            counters.Drop(SipDropReason.StrayResponse);
            return;
        }

        if (_clients.TryGetValue(new ClientKey(response.TopVia.Branch ?? "", response.CSeq.Method), out var client))
        {
            client.HandleResponse(response, now);
            Settle(client);
        }
        else if (response.IsSuccess && response.CSeq.Method == SipMethods.Invite)
        {
            Outputs.Raise(new StraySuccess(response, flow));
        }
        else
        {
            counters.Drop(SipDropReason.StrayResponse);
        }
    }

    // Keeps the timer queue and the tables true after a transaction changed.
    private void Settle(SipTransaction transaction)
    {
        if (transaction.State == TransactionState.Terminated)
        {
            Forget(transaction);
        }
        else if (transaction.NextDeadline < transaction.QueuedAt)
        {
            transaction.QueuedAt = transaction.NextDeadline;
            _deadlines.Enqueue(transaction, transaction.QueuedAt);
        }
    }

    private void Forget(SipTransaction transaction)
    {
        if (transaction is ClientTransaction client)
        {
            _clients.Remove(client.Key);
        }
        else if (transaction is ServerTransaction server)
        {
            _servers.Remove(server.Key);
            if (server.MergedAs is { } key)
            {
                _merges.Remove(key);
            }
        }
    }
}
