using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Tests.Sip.Transport;

/// <summary>A telephone on a TCP or TLS connection of its own.</summary>
internal sealed class StreamPhone : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly SipStreamReader _reader = new();
    private Stream _stream = Stream.Null;

    public static async Task<StreamPhone> ConnectAsync(IPEndPoint server, RemoteCertificateValidationCallback? trusts = null)
    {
        var phone = new StreamPhone();
        await phone._client.ConnectAsync(server);
        phone._stream = phone._client.GetStream();
        if (trusts is not null)
        {
            var secured = new SslStream(phone._stream, leaveInnerStreamOpen: false, trusts);
            phone._stream = secured;
            try
            {
                await secured.AuthenticateAsClientAsync("comms.test");
            }
            catch
            {
                // Who does not trust hangs up.
                phone.Dispose();
                throw;
            }
        }

        return phone;
    }

    public Task SendAsync(SipMessage message) => SendAsync(SipMessageWriter.Write(message));

    public async Task SendAsync(ReadOnlyMemory<byte> octets) => await _stream.WriteAsync(octets);

    /// <summary>The next message; null when the server closed the connection.</summary>
    public async Task<SipMessage?> ReceiveAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (_reader.TryRead(out var message) == SipStreamItem.Message)
            {
                return SipSamples.Read(message.ToArray());
            }

            int octets = await ReadAsync(_reader.GetRoom(), timeout.Token);
            if (octets == 0)
            {
                return null;
            }

            _reader.Advance(octets);
        }
    }

    /// <summary>The next octets as they come; "" when the server closed the connection.</summary>
    public async Task<string> ReceiveTextAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[4_096];
        return Encoding.ASCII.GetString(buffer, 0, await ReadAsync(buffer, timeout.Token));
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    // A reset is the end too.
    private async Task<int> ReadAsync(Memory<byte> room, CancellationToken timeout)
    {
        try
        {
            return await _stream.ReadAsync(room, timeout);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
