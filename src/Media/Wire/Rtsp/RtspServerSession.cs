using Comms.Media.Numbers;

namespace Comms.Media.Wire.Rtsp;

/// <summary>What a server does for one connection beyond the protocol's frame: it takes in a stream, or plays one.</summary>
public interface IRtspServerRole
{
    /// <summary>The value of the Public header.</summary>
    string Methods { get; }

    /// <summary>
    /// Answers a request other than OPTIONS, GET_PARAMETER and SET_PARAMETER; null when the method is not offered,
    /// <see cref="RtspServerSession.Later"/> when the answer comes by <see cref="RtspServerSession.Answer"/>.
    /// </summary>
    RtspMessage? HandleRequest(RtspMessage request, Instant now);

    /// <summary>Takes one interleaved packet. The packet path: nothing is allocated.</summary>
    void HandleInterleaved(byte channel, ReadOnlySpan<byte> packet, Instant now);

    /// <summary>The connection is over; called once.</summary>
    void HandleEnd(string reason, Instant now);
}

/// <summary>
/// The server's end of one RTSP connection, sans-IO and owned by one loop: feed it what arrives, then drain
/// <see cref="TryPollTransmit"/> and look at <see cref="IsClosed"/>. RFC 2326 §10.
/// </summary>
public sealed class RtspServerSession(IRtspServerRole role, Instant now)
{
    /// <summary>Announced in the Session header; twice that without a byte ends the connection.</summary>
    public const int SessionTimeoutS = 60;

    /// <summary>Stands for an answer that is not known yet. Clients wait for it before they ask again.</summary>
    public static readonly RtspMessage Later = RtspMessage.Request("LATER", "*", 0);

    private const int SilenceMs = 2 * SessionTimeoutS * 1000;

    private readonly RtspStreamReader _reader = new();
    private readonly Queue<byte[]> _output = new();
    private Instant _lastReceived = now;

    /// <summary>The connection is to be closed once the output is drained.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> is to be called.</summary>
    public Instant NextDeadline => IsClosed ? Instant.Never : _lastReceived.AddMs(SilenceMs);

    public void HandleReceived(ReadOnlySpan<byte> bytes, Instant now)
    {
        if (IsClosed)
        {
            return;
        }

        _lastReceived = now;
        var cursor = _reader.Open(bytes);
        RtspElement element;
        while (cursor.TryRead(out element) && !IsClosed)
        {
            if (element.Kind == RtspElementKind.Interleaved)
            {
                role.HandleInterleaved(element.Channel, element.Payload, now);
            }
            else if (element.Message is { IsRequest: true } request)
            {
                Answer(request, now);
            }
        }

        cursor.Close();
        if (element.Kind == RtspElementKind.Violation)
        {
            End("protocol violation", now);
        }
    }

    public void HandleTimeout(Instant now)
    {
        if (!IsClosed && now >= NextDeadline)
        {
            End("silent connection", now);
        }
    }

    /// <summary>The answer that was to come later.</summary>
    public void Answer(RtspMessage response)
    {
        if (!IsClosed)
        {
            _output.Enqueue(response.ToBytes());
        }
    }

    /// <summary>The transport ended, or the owner ends it.</summary>
    public void End(string reason, Instant now)
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _reader.Release();
            role.HandleEnd(reason, now);
        }
    }

    public bool TryPollTransmit(out byte[] bytes) => _output.TryDequeue(out bytes!);

    private void Answer(RtspMessage request, Instant now)
    {
        var response = request.Method switch
        {
            "OPTIONS" => RtspMessage.Response(200, "OK", request).With("Public", $"OPTIONS, GET_PARAMETER, SET_PARAMETER, {role.Methods}"),
            "GET_PARAMETER" or "SET_PARAMETER" => KeepAlive(request),
            _ => role.HandleRequest(request, now)
                ?? RtspMessage.Response(501, "Not Implemented", request).With("Public", role.Methods),
        };
        if (!ReferenceEquals(response, Later))
        {
            _output.Enqueue(response.ToBytes());
        }

        if (request.Method == "TEARDOWN")
        {
            End("teardown", now);
        }
    }

    private static RtspMessage KeepAlive(RtspMessage request)
    {
        var response = RtspMessage.Response(200, "OK", request);
        return request["Session"] is { } session ? response.With("Session", session) : response;
    }
}
