namespace Comms.Phones.Control;

/// <summary>A phone's WebSocket as one stream of a shared HTTP/2 connection. RFC 8441.</summary>
internal sealed class H2Link(IHubEvents events, H2Connection connection, int loop) : ControlLink(events)
{
    /// <summary>The loop that owns the phone.</summary>
    public int Loop { get; } = loop;

    /// <summary>Set before the stream is opened.</summary>
    public int Stream { get; set; }

    /// <summary>The server accepted the stream. On the loop.</summary>
    public void OnOpen() => SendOpening();

    /// <summary>On the loop.</summary>
    public void OnData(ReadOnlySpan<byte> bytes, long arrivalNs)
    {
        if (!IsClosed) TakeFrames(bytes, arrivalNs);
    }

    protected override void SendBytes(ReadOnlySpan<byte> bytes) => connection.Send(H2Frame.Make(H2Frame.Data, 0, Stream, bytes));

    protected override void Release()
    {
        // CANCEL: the phone is gone.
        connection.Send(H2Frame.Make(H2Frame.ResetStream, 0, Stream, [0, 0, 0, 8]));
    }
}
