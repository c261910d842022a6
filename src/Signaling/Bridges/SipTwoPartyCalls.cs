using System.Collections.Concurrent;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Calls from phone to phone: the server stands in both dialogs and hands offers and answers on as they are, so the speech runs
/// between the phones, in both directions at once, with whatever codec and keys the two agree on. Thread-safe.
/// </summary>
public sealed class SipTwoPartyCalls : IDisposable
{
    private readonly ConcurrentDictionary<SipCallId, TwoPartyCall> _calls = new();
    private readonly ISipCalls _sip;
    private readonly SipCallBridge _bridge;
    private readonly SipDialer _dialer;

    public SipTwoPartyCalls(ISipCalls sip, SipCallBridge bridge, SipDialer dialer)
    {
        (_sip, _bridge, _dialer) = (sip, bridge, dialer);
        bridge.Elsewhere = TryTake;
        sip.CallEvent += OnCall;
    }

    /// <summary>Calls that ring or are up.</summary>
    public int Count => _calls.Count;

    public void Dispose()
    {
        _bridge.Elsewhere = _ => false;
        _sip.CallEvent -= OnCall;
    }

    // On the SIP core's thread. A caller that leaves the offer to us cannot be passed on: there would be nothing to ring with.
    private bool TryTake(CallOffered offered)
    {
        if (offered.Sdp.IsEmpty || !_dialer.IsPhone(offered.Number))
        {
            return false;
        }

        var call = new TwoPartyCall(offered, _sip);
        _calls[offered.Call] = call;
        _ = Task.Run(() => call.BeginAsync(_dialer));
        return true;
    }

    private void OnCall(SipServerEvent happening)
    {
        switch (happening)
        {
            case CallReoffered reoffered when _calls.TryGetValue(reoffered.Call, out var offering):
                offering.TakeOffer(reoffered.Sdp);
                break;
            case CallReanswered reanswered when _calls.TryGetValue(reanswered.Call, out var answering):
                answering.TakeAnswer(reanswered);
                break;
            case CallReferred referred when _calls.ContainsKey(referred.Call):
                _sip.NotifyReferred(referred.Call, SipStatus.Decline);
                break;
            case CallEnded ended when _calls.TryRemove(ended.Call, out var over):
                over.EndCallee();
                break;
        }
    }

    /// <summary>One call: the caller's dialog and the callee's. Its methods only send commands, so any thread may call them.</summary>
    private sealed class TwoPartyCall(CallOffered offer, ISipCalls sip)
    {
        private readonly Lock _lock = new();
        private SipCallId? _callee;
        private bool _isCallerGone;
        private bool _hasRung;
        private bool _isAnswered;

        public async Task BeginAsync(SipDialer dialer)
        {
            var routes = await dialer.FindPhoneAsync(offer.Number).ConfigureAwait(false);
            lock (_lock)
            {
                if (_isCallerGone)
                {
                    return;
                }

                if (routes.Count == 0)
                {
                    sip.Reject(offer.Call, SipStatus.TemporarilyUnavailable);
                    return;
                }

                _callee = sip.Place(
                    new OutgoingInvite { Routes = routes, Sdp = offer.Sdp, FromUser = offer.Account.Id, FromDisplayName = offer.CallerName }, OnCallee);
            }
        }

        public void TakeOffer(ReadOnlyMemory<byte> sdp) => PassOffer(offer.Call, _callee, sdp);

        public void TakeAnswer(CallReanswered answer) => PassAnswer(_callee, answer);

        /// <summary>The caller has gone.</summary>
        public void EndCallee()
        {
            lock (_lock)
            {
                _isCallerGone = true;
                if (_callee is { } callee)
                {
                    sip.HangUp(callee);
                }
            }
        }

        // On the SIP core's thread.
        private void OnCallee(SipServerEvent happening)
        {
            switch (happening)
            {
                case CallRinging when !_hasRung:
                    _hasRung = true;
                    sip.Ring(offer.Call);
                    break;
                case CallAnswered answered:
                    _isAnswered = true;
                    sip.Answer(offer.Call, answered.Sdp);
                    break;
                case CallReoffered reoffered:
                    PassOffer(reoffered.Call, offer.Call, reoffered.Sdp);
                    break;
                case CallReanswered reanswered:
                    PassAnswer(offer.Call, reanswered);
                    break;
                case CallReferred referred:
                    sip.NotifyReferred(referred.Call, SipStatus.Decline);
                    break;
                case CallEnded ended when _isAnswered:
                    sip.HangUp(offer.Call, ended.Cause);
                    break;
                case CallEnded ended:
                    sip.Reject(offer.Call, ended.Status > 0 ? ended.Status : SipStatus.TemporarilyUnavailable);
                    break;
            }
        }

        private void PassOffer(SipCallId from, SipCallId? to, ReadOnlyMemory<byte> sdp)
        {
            if (sdp.IsEmpty || to is not { } other)
            {
                sip.Reject(from, SipStatus.NotAcceptableHere);
                return;
            }

            sip.Reoffer(other, sdp);
        }

        private void PassAnswer(SipCallId? to, CallReanswered answer)
        {
            if (to is not { } other)
            {
                return;
            }

            if (answer.Status < 300)
            {
                sip.Answer(other, answer.Sdp);
            }
            else
            {
                sip.Reject(other, answer.Status);
            }
        }
    }
}
