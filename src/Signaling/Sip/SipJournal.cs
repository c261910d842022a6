using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Signaling.Sip.Transport;

namespace Comms.Signaling.Sip;

/// <summary>
/// Writes what happens over SIP into the journal: registrations, refused credentials, calls and their ends. Appending never
/// blocks, so it runs on the SIP core's thread.
/// </summary>
public sealed class SipJournal(SipEndpoint endpoint, IJournal journal, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<SipCallId, (Actor Actor, string Number)> _calls = new();

    public void Start()
    {
        endpoint.CallEvent += OnCall;
        endpoint.BindingsChanged += OnBindings;
        endpoint.CredentialsRefused += OnRefused;
    }

    public void Dispose()
    {
        endpoint.CallEvent -= OnCall;
        endpoint.BindingsChanged -= OnBindings;
        endpoint.CredentialsRefused -= OnRefused;
    }

    private void OnCall(SipServerEvent happening)
    {
        switch (happening)
        {
            case CallOffered offered:
                var actor = new Actor(offered.Account.Id, offered.Account.UnitId, "sip");
                _calls[offered.Call] = (actor, offered.Number);
                Append("call.offered", offered.Number, actor, "");
                break;
            case CallEnded ended when _calls.TryRemove(ended.Call, out var call):
                Append("call.ended", call.Number, call.Actor, ended.Reason.ToString());
                break;
        }
    }

    private void OnBindings(BindingsChanged changed) => Append(
        changed.Bindings.Count > 0 ? "account.registered" : "account.unregistered", changed.AccountId, new Actor(changed.AccountId, "", "sip"), "");

    private void OnRefused(CredentialsRefused refused) =>
        Append("account.sign_in_failed", refused.UserName, new Actor(refused.UserName, "", $"sip {refused.Source}"), "wrong credentials");

    private void Append(string kind, string subject, Actor actor, string cause) =>
        journal.Append(new JournalEvent(0, time.GetUtcNow(), kind, subject, actor, cause));
}
