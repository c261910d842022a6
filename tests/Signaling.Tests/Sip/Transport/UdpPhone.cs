using System.Net;
using System.Net.Sockets;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transport;
using Comms.Signaling.Tests.Sip.Digest;

namespace Comms.Signaling.Tests.Sip.Transport;

/// <summary>A telephone of account "gw1" on a real socket: sends what it is told, answers challenges, waits for what comes.</summary>
internal sealed class UdpPhone : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private uint _cseq;

    /// <summary>Packets that have come and were not taken.</summary>
    public int Available => _socket.Available;

    public Task SendAsync(SipEndpoint server, SipMessage message) => SendAsync(server, SipMessageWriter.Write(message));

    public async Task SendAsync(SipEndpoint server, byte[] octets) => await _socket.SendAsync(octets, server.Addresses[0]);

    public async Task<T> ReceiveAsync<T>()
        where T : SipMessage
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var packet = await _socket.ReceiveAsync(timeout.Token);
            if (SipSamples.Read(packet.Buffer) is T message)
            {
                return message;
            }
        }
    }

    /// <summary>A request with the credentials that a challenge asks for.</summary>
    public static SipRequest Authorized(string method, SipResponse challenge, uint cseq = 2, string callId = "call-1")
    {
        var value = DigestClient.Authorize(
            method, "sip:7000@192.0.2.1", SipServerBench.Realm, DigestClient.NonceOf(challenge), ("gw1", "secret"), DigestAlgorithm.Md5);
        return SipSamples.Request(method, $"z9hG4bK{callId}{cseq}", cseq, callId, extra: $"Authorization: {value}");
    }

    /// <summary>Registers and returns the final answer; null for <paramref name="seconds"/> only asks (RFC 3261 §10.2.3).</summary>
    public async Task<SipResponse> RegisterAsync(SipEndpoint server, int? seconds)
    {
        await SendAsync(server, Register(SipSamples.Request("REGISTER", $"z9hG4bKreg{++_cseq}", _cseq, "reg"), seconds));
        var challenge = await ReceiveAsync<SipResponse>();
        await SendAsync(server, Register(Authorized("REGISTER", challenge, ++_cseq, "reg"), seconds));
        return await ReceiveAsync<SipResponse>();
    }

    public void Dispose() => _socket.Dispose();

    private static SipRequest Register(SipRequest register, int? seconds)
    {
        register.Headers.Set(SipHeaderNames.To, "<sip:gw1@192.0.2.1>");
        if (seconds is null)
        {
            register.Headers.Remove(SipHeaderNames.Contact);
        }
        else
        {
            register.Headers.Set(SipHeaderNames.Expires, $"{seconds}");
        }

        return register;
    }
}
