namespace Comms.Media.Wire.H264;

/// <summary>How an RTP payload carries NAL units.</summary>
public enum NalPayloadKind
{
    Unknown,
    Single,
    Aggregate,
    Fragment,
}

/// <summary>
/// Makes access units of RTP payloads; what H.264 (RFC 6184) and H.265 (RFC 7798) have in common. Owned by one loop; every call
/// hands complete units to the sink before it returns. A unit that lost a packet is dropped, and with it everything up to the
/// next intact key frame, so that no damaged picture is ever shown.
/// </summary>
public abstract class VideoDepacketizer(IAccessUnitSink sink, int maxAccessUnitBytes)
{
    /// <summary>Holds the largest key frame of a 4K camera; beyond it the stream is taken for hostile.</summary>
    public const int DefaultMaxBytes = 4 * 1024 * 1024;

    private AccessUnitAssembly _assembly;
    private uint _timestamp;
    private ushort _nextSequence;
    private bool _hasStarted;
    private bool _isDamaged;
    private bool _isFragmentOpen;
    private bool _isKeyFrame;

    /// <summary>Nothing is handed on until a key frame is intact. True at the start and after damage.</summary>
    public bool AwaitsKeyFrame { get; private set; } = true;

    /// <summary>Packets that never came, by the sequence numbers.</summary>
    public long LostPackets { get; private set; }

    /// <summary>Access units dropped because they were damaged, too large, or came before a key frame.</summary>
    public long DroppedAccessUnits { get; private set; }

    /// <summary>Payloads of a kind that the payload format does not allow, or malformed ones.</summary>
    public long MalformedPackets { get; private set; }

    /// <summary>Bytes of a NAL unit's header.</summary>
    protected abstract int HeaderBytes { get; }

    /// <summary>Takes one RTP packet's payload. <paramref name="timestamp"/> is 90 kHz.</summary>
    public void Handle(ReadOnlySpan<byte> payload, ushort sequence, uint timestamp, bool marker)
    {
        var isNewUnit = _hasStarted && timestamp != _timestamp;
        if (_hasStarted && sequence != _nextSequence)
        {
            var gap = (short)(ushort)(sequence - _nextSequence);
            if (gap < 0)
            {
                return;
            }

            LostPackets += gap;
            HandleGap(isNewUnit);
        }
        else if (isNewUnit)
        {
            Complete();
        }

        _hasStarted = true;
        _nextSequence = (ushort)(sequence + 1);
        _timestamp = timestamp;
        if (!TryTake(payload))
        {
            MalformedPackets++;
            _isDamaged = true;
        }

        if (marker)
        {
            Complete();
        }
    }

    /// <summary>Forgets the open unit; the next packet may come from another source.</summary>
    public void Reset()
    {
        _assembly.Release();
        _hasStarted = _isDamaged = _isFragmentOpen = _isKeyFrame = false;
        AwaitsKeyFrame = true;
    }

    protected abstract NalPayloadKind KindOf(ReadOnlySpan<byte> payload);

    /// <summary>Puts the header of the fragmented unit together from its fragment's headers.</summary>
    protected abstract void WriteFragmentedHeader(ReadOnlySpan<byte> payload, Span<byte> header);

    /// <summary>A decoder may start at a picture that holds this unit.</summary>
    protected abstract bool IsStartingPoint(ReadOnlySpan<byte> nalUnit);

    /// <summary>A unit of a kind into which some cameras put several, start codes between them.</summary>
    protected abstract bool MayHoldOthers(ReadOnlySpan<byte> nalUnit);

    private void HandleGap(bool isNewUnit)
    {
        _isDamaged = true;
        if (isNewUnit)
        {
            Complete();
            _isDamaged = true;
        }
    }

    private bool TryTake(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return true;
        }

        var kind = KindOf(payload);
        if (kind != NalPayloadKind.Fragment && _isFragmentOpen)
        {
            _isFragmentOpen = false;
            _isDamaged = true;
        }

        return kind switch
        {
            NalPayloadKind.Fragment => TryTakeFragment(payload),
            NalPayloadKind.Aggregate => TryTakeAggregate(payload[HeaderBytes..]),
            NalPayloadKind.Single => TryTakeNalUnit(payload),
            _ => false,
        };
    }

    private bool TryTakeNalUnit(ReadOnlySpan<byte> nalUnit)
    {
        if (nalUnit.Length < HeaderBytes)
        {
            return false;
        }

        if (!MayHoldOthers(nalUnit) || !AnnexB.HasStartCode(nalUnit))
        {
            return TryTakeWhole(nalUnit);
        }

        // Quirk: some cameras put parameter sets and the key frame, start codes between them, into one unit.
        var isTaken = true;
        while (AnnexB.TryReadNext(ref nalUnit, out var inner))
        {
            isTaken &= inner.Length >= HeaderBytes && TryTakeWhole(inner);
        }

        return isTaken;
    }

    private bool TryTakeWhole(ReadOnlySpan<byte> nalUnit) => _assembly.TryAppend(nalUnit, maxAccessUnitBytes) && TryClose();

    private bool TryClose()
    {
        var nalUnit = _assembly.OpenNalUnit;
        if (nalUnit.IsEmpty)
        {
            return true;
        }

        _isKeyFrame |= IsStartingPoint(nalUnit);
        return _assembly.TryCloseNalUnit();
    }

    /// <summary>Repeated {size(16), NAL unit}, RFC 6184 §5.7.1 and RFC 7798 §4.4.2.</summary>
    private bool TryTakeAggregate(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 2)
        {
            var size = (rest[0] << 8) | rest[1];
            if (size == 0 || size > rest.Length - 2 || !TryTakeNalUnit(rest.Slice(2, size)))
            {
                return false;
            }

            rest = rest[(2 + size)..];
        }

        return true;
    }

    /// <summary>The payload's header, then <c>S E …</c>, then a part of the unit. RFC 6184 §5.8, RFC 7798 §4.4.3.</summary>
    private bool TryTakeFragment(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderBytes + 2)
        {
            return false;
        }

        var fragmentHeader = payload[HeaderBytes];
        var isEnd = (fragmentHeader & 0x40) != 0;
        if ((fragmentHeader & 0x80) != 0)
        {
            _isDamaged |= _isFragmentOpen;
            _isFragmentOpen = true;
            Span<byte> header = stackalloc byte[HeaderBytes];
            WriteFragmentedHeader(payload, header);
            if (!_assembly.TryCloseNalUnit() || !_assembly.TryAppend(header, maxAccessUnitBytes))
            {
                return false;
            }
        }
        else if (!_isFragmentOpen)
        {
            _isDamaged = true;
            return true;
        }

        if (!_assembly.TryAppend(payload[(HeaderBytes + 1)..], maxAccessUnitBytes))
        {
            return false;
        }

        _isFragmentOpen = !isEnd;
        return !isEnd || TryClose();
    }

    private void Complete()
    {
        var isDamaged = _isDamaged || _isFragmentOpen;
        if (!_assembly.IsEmpty || isDamaged)
        {
            Deliver(isDamaged);
        }

        _assembly.Release();
        _isDamaged = _isFragmentOpen = _isKeyFrame = false;
    }

    private void Deliver(bool isDamaged)
    {
        if (isDamaged)
        {
            AwaitsKeyFrame = true;
            DroppedAccessUnits++;
        }
        else if (AwaitsKeyFrame && !_isKeyFrame)
        {
            DroppedAccessUnits++;
        }
        else
        {
            AwaitsKeyFrame = false;
            sink.HandleAccessUnit(new AccessUnit(_assembly.Bytes, _assembly.NalUnits, _timestamp, _isKeyFrame));
        }
    }
}
