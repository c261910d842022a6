using Comms.Media.Numbers;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// Sends our requests inside one dialog, proven again when the peer challenges them, and says afterwards that something
/// happened. Sans-IO, single-threaded.
/// </summary>
internal sealed class DialogRequests(SipDialog dialog, TransactionLayer layer, ClientAuthorization? authorization)
{
    private const int MaxTries = 3;

    /// <summary>Called after an answer was handled, so that the call's owner looks at it again.</summary>
    public Action Settled { get; set; } = () => { };

    /// <summary>
    /// Sends; <paramref name="heard"/> gets the final answer with the request that it answers, null when none came, and each
    /// repeated 2xx of an INVITE.
    /// </summary>
    public void Send(string method, DialogBody body, Instant now, Action<SipRequest, SipResponse?, Instant>? heard = null) =>
        Send(method, body, now, heard, tries: 1);

    private void Send(string method, DialogBody body, Instant now, Action<SipRequest, SipResponse?, Instant>? heard, int tries)
    {
        var request = dialog.CreateRequest(method);
        foreach (var header in body.Headers)
        {
            request.Headers.Add(header.Name, header.Value);
        }

        authorization?.Prove(request);
        if (!body.Octets.IsEmpty)
        {
            request.SetBody(body.Type, body.Octets);
        }

        layer.Send(request, dialog.Flow, now, (response, at) =>
        {
            if (response is { IsProvisional: true })
            {
                return;
            }

            var isChallenged = response?.Status is SipStatus.Unauthorized or SipStatus.ProxyAuthenticationRequired;
            if (isChallenged && tries < MaxTries && authorization?.TryLearn(response!) == true)
            {
                Send(method, body, at, heard, tries + 1);
                return;
            }

            if (response is { IsSuccess: true })
            {
                authorization?.NoteAccepted();
            }

            heard?.Invoke(request, response, at);
            Settled();
        });
    }
}

/// <summary>What a request inside a dialog carries besides its own headers.</summary>
internal sealed record DialogBody(string Type, ReadOnlyMemory<byte> Octets, IReadOnlyList<SipHeader> Headers)
{
    public static readonly DialogBody None = new("", ReadOnlyMemory<byte>.Empty, []);

    public static DialogBody With(params IReadOnlyList<SipHeader> headers) => new("", ReadOnlyMemory<byte>.Empty, headers);

    public static DialogBody Sdp(ReadOnlyMemory<byte> sdp, params IReadOnlyList<SipHeader> headers) => new(SipCapabilities.SdpType, sdp, headers);
}
