using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Digest;

/// <summary>
/// Answers the challenges of one peer and keeps what it learned, so that later requests of the same dialog are proven at
/// once. RFC 3261 §22.2, §22.3. Single-threaded.
/// </summary>
public sealed class ClientAuthorization(ClientCredentials credentials)
{
    private readonly Dictionary<string, Known> _realms = [];

    /// <summary>
    /// Takes a 401 or 407 in. False: nothing in it can be answered, or the answer to it was refused, so the credentials
    /// are wrong.
    /// </summary>
    public bool TryLearn(SipResponse refusal)
    {
        var isProxy = refusal.Status == SipStatus.ProxyAuthenticationRequired;
        var hasLearned = false;
        var seen = new HashSet<string>();
        foreach (var value in refusal.Headers.All(isProxy ? SipHeaderNames.ProxyAuthenticate : SipHeaderNames.WwwAuthenticate))
        {
            // RFC 8760 §2.4: the topmost challenge that we understand, for each realm.
            if (!DigestChallenge.TryParse(value, out var challenge) || !seen.Add(challenge!.Realm))
            {
                continue;
            }

            var isRefused = !challenge.IsStale && _realms.TryGetValue(challenge.Realm, out var known) && known.IsTried && known.IsProxy == isProxy;
            if (!isRefused)
            {
                _realms[challenge.Realm] = new Known(challenge, isProxy);
                hasLearned = true;
            }
        }

        return hasLearned;
    }

    /// <summary>Proves a request with everything learned; nothing is added before the first challenge.</summary>
    public void Prove(SipRequest request)
    {
        foreach (var known in _realms.Values)
        {
            known.IsTried = true;
            request.Headers.Add(
                known.IsProxy ? SipHeaderNames.ProxyAuthorization : SipHeaderNames.Authorization,
                known.Challenge.Answer(request.Method, request.UriText, credentials, ++known.Count));
        }
    }

    /// <summary>A proven request went through: a later challenge of the same realm is a new question, not a refusal.</summary>
    public void NoteAccepted()
    {
        foreach (var known in _realms.Values)
        {
            known.IsTried = false;
        }
    }

    private sealed class Known(DigestChallenge challenge, bool isProxy)
    {
        public DigestChallenge Challenge => challenge;

        public bool IsProxy => isProxy;

        public uint Count { get; set; }

        public bool IsTried { get; set; }
    }
}
