namespace Comms.Phones.Control;

/// <summary>One phone's WebSocket to the hub, over its own TCP connection or as a stream of a shared HTTP/2 connection. The phone's loop owns it.</summary>
internal abstract class ControlLink(IHubEvents events)
{
    /// <summary>FIN and mask bits, opcode, the longest length form and the mask.</summary>
    protected const int FrameHeaderBytesMax = 14;

    private const byte TextFrame = 0x81;
    private const byte BinaryFrame = 0x82;
    private const byte PongFrame = 0x8A;
    private readonly HubStream _stream = new(events);

    public bool IsClosed { get; private set; }

    /// <summary>Bytes of WebSocket frames received: what the phone's data plan pays for, but for TCP and TLS.</summary>
    public long BytesReceived { get; private set; }

    public void SendOpening() => SendFrame(TextFrame, HubCall.Opening);

    /// <summary>Sends hub messages that are already behind their lengths.</summary>
    public void Send(ReadOnlySpan<byte> messages) => SendFrame(BinaryFrame, messages);

    public void Close(string reason)
    {
        if (IsClosed) return;
        IsClosed = true;
        Release();
        events.OnHubClosed(reason);
    }

    protected abstract void SendBytes(ReadOnlySpan<byte> bytes);

    protected abstract void Release();

    protected void TakeFrames(ReadOnlySpan<byte> bytes, long arrivalNs)
    {
        BytesReceived += bytes.Length;
        bool goesOn = _stream.Take(bytes, arrivalNs);
        if (_stream.PingToAnswer is { } ping)
        {
            _stream.PingToAnswer = null;
            SendFrame(PongFrame, ping);
        }

        if (!goesOn) Close("the server closed the WebSocket");
    }

    // The mask is of no use on this path, but RFC 6455 §5.1 demands one; zero is a mask like any other.
    private void SendFrame(byte kind, ReadOnlySpan<byte> payload)
    {
        if (IsClosed) return;
        Span<byte> frame = payload.Length < 1024 ? stackalloc byte[payload.Length + FrameHeaderBytesMax] : new byte[payload.Length + FrameHeaderBytesMax];
        frame[0] = kind;
        int header = 2;
        if (payload.Length < 126) frame[1] = (byte)(0x80 | payload.Length);
        else
        {
            frame[1] = 0x80 | 126;
            frame[2] = (byte)(payload.Length >> 8);
            frame[3] = (byte)payload.Length;
            header = 4;
        }

        frame.Slice(header, 4).Clear();
        payload.CopyTo(frame[(header + 4)..]);
        SendBytes(frame[..(header + 4 + payload.Length)]);
    }
}
