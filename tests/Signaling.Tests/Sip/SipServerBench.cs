using Comms.Media.Numbers;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Comms.Signaling.Tests.Sip.Digest;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

/// <summary>A SIP core on a table, with one account "gw1" whose password is "secret", and one that is disabled.</summary>
internal sealed class SipServerBench
{
    public const string Realm = "comms";
    private readonly List<SipServerEvent> _events = [];
    private uint _count;

    public SipServerBench(SipOptions? options = null) => Server = new SipServer(options ?? new SipOptions(), Realm, new byte[32], Counters);

    public SipCounters Counters { get; } = new();

    public SipServer Server { get; }

    public Instant Now { get; private set; } = new(1_000_000_000);

    /// <summary>Lookups are answered at once; false keeps them open.</summary>
    public bool AnswersLookups { get; set; } = true;

    public static SipAccount Account(string id, bool isDisabled = false) => new(id, "unit-" + id, isDisabled, new DigestVerifiers(
        DigestAlgorithm.Md5.Ha1(id, Realm, "secret"), DigestAlgorithm.Sha256.Ha1(id, Realm, "secret")));

    public void Receive(SipMessage message) => ReceiveOctets(SipMessageWriter.Write(message));

    public void ReceiveOctets(ReadOnlySpan<byte> octets)
    {
        Server.HandleDatagram(octets, SipSamples.Flow, Now);
        Collect();
    }

    /// <summary>Sends a request, answers the challenge with the next CSeq, and returns the final response.</summary>
    public SipResponse Exchange(
        string method, string user = "gw1", string password = "secret", string extra = "", uint cseq = 1, string callId = "call-1",
        string uri = "sip:7000@192.0.2.1", string? to = null)
    {
        Receive(WithTo(SipSamples.Request(method, Branch(cseq, callId), cseq, callId, uri: uri, extra: extra), to, user));
        var challenge = Final();
        if (challenge.Status != 401)
        {
            return challenge;
        }

        if (method == "INVITE")
        {
            Receive(SipSamples.Request("ACK", Branch(cseq, callId), cseq, callId, toTag: challenge.To.Tag));
        }

        Receive(Authorized(method, challenge, user, password, extra, cseq + 1, callId, uri, to));
        return Final();
    }

    /// <summary>Places a call with the right password; its INVITE waits for an answer.</summary>
    public CallOffered Place(string callId = "call-1", string extra = "")
    {
        Receive(SipSamples.Request("INVITE", Branch(1, callId), 1, callId, extra: extra));
        Receive(Authorized("INVITE", Final(), "gw1", "secret", extra, 2, callId, "sip:7000@192.0.2.1"));
        return Event<CallOffered>();
    }

    /// <summary>The request that answers a challenge.</summary>
    public SipRequest Authorized(
        string method, SipResponse challenge, string user, string password, string extra, uint cseq, string callId, string uri, string? to = null)
    {
        var value = DigestClient.Authorize(method, uri, Realm, DigestClient.NonceOf(challenge), (user, password), count: ++_count);
        var lines = extra.Length == 0 ? "" : "\n" + extra;
        return WithTo(SipSamples.Request(method, Branch(cseq, callId), cseq, callId, uri: uri, extra: $"Authorization: {value}{lines}"), to, user);
    }

    public static string Branch(uint cseq, string callId) => $"z9hG4bK{callId}{cseq}";

    /// <summary>The newest response that is not 100; it must be there.</summary>
    public SipResponse Final()
    {
        SipResponse? last = null;
        while (Sent() is { } message)
        {
            last = message as SipResponse ?? last;
        }

        Assert.NotNull(last);
        return last;
    }

    public SipMessage? Sent() => Server.TryPollTransmit(out var transmit) ? SipSamples.Read(transmit.Octets) : null;

    public T Event<T>()
        where T : SipServerEvent
    {
        var found = _events.OfType<T>().FirstOrDefault();
        Assert.True(found is not null, $"no {typeof(T).Name} among {string.Join(", ", _events)}");
        _events.Remove(found);
        return found;
    }

    /// <summary>Leaves out events that a test does not look at.</summary>
    public void Forget<T>()
        where T : SipServerEvent => _events.RemoveAll(happening => happening is T);

    /// <summary>Moves time once, without stopping at deadlines between.</summary>
    public void Step(int milliseconds)
    {
        Now = Now.AddMs(milliseconds);
        Server.HandleTimeout(Now);
        Collect();
    }

    public bool HasEvent<T>()
        where T : SipServerEvent => _events.OfType<T>().Any();

    public void AnswerLookup(AccountWanted wanted)
    {
        var account = wanted.UserName switch
        {
            "gw1" or "gw2" => Account(wanted.UserName),
            "off" => Account("off", isDisabled: true),
            _ => null,
        };
        Server.HandleAccount(wanted.Lookup, account, Now);
        Collect();
    }

    /// <summary>Moves time, stopping at each deadline.</summary>
    public void Wait(int milliseconds)
    {
        var end = Now.AddMs(milliseconds);
        while (Server.NextDeadline <= end)
        {
            Now = Server.NextDeadline > Now ? Server.NextDeadline : Now;
            Server.HandleTimeout(Now);
            Collect();
        }

        Now = end;
    }

    public void Collect()
    {
        while (Server.TryPollEvent(out var happening))
        {
            if (happening is AccountWanted wanted && AnswersLookups)
            {
                AnswerLookup(wanted);
            }
            else
            {
                _events.Add(happening!);
            }
        }
    }

    private static SipRequest WithTo(SipRequest request, string? to, string user)
    {
        var target = request.Method == SipMethods.Register ? $"<sip:{to ?? user}@192.0.2.1>" : to;
        if (target is not null)
        {
            request.Headers.Set(SipHeaderNames.To, target);
        }

        return request;
    }
}
