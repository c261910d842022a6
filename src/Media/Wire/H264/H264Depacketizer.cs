namespace Comms.Media.Wire.H264;

/// <summary>
/// Makes access units of RTP payloads: single NAL units, STAP-A and FU-A, RFC 6184 §5.6, §5.7.1, §5.8. Owned by one
/// loop; every call hands complete units to the sink before it returns. A unit that lost a packet is dropped, and with it
/// everything up to the next intact key frame, so that no damaged picture is ever shown.
/// </summary>
public sealed class H264Depacketizer(IAccessUnitSink sink, int maxAccessUnitBytes = H264Depacketizer.DefaultMaxBytes)
{
    /// <summary>Holds the largest key frame of a 4K camera; beyond it the stream is taken for hostile.</summary>
    public const int DefaultMaxBytes = 4 * 1024 * 1024;

    private AccessUnitAssembly _assembly;
    private uint _timestamp;
    private ushort _nextSequence;
    private bool _hasStarted;
    private bool _isDamaged;
    private bool _isFragmentOpen;
    private bool _hasKeySlice;
    private bool _hasRecoveryPoint;

    /// <summary>Nothing is handed on until a key frame is intact. True at the start and after damage.</summary>
    public bool AwaitsKeyFrame { get; private set; } = true;

    /// <summary>Packets that never came, by the sequence numbers.</summary>
    public long LostPackets { get; private set; }

    /// <summary>Access units dropped because they were damaged, too large, or came before a key frame.</summary>
    public long DroppedAccessUnits { get; private set; }

    /// <summary>Payloads of a kind that packetization-mode 1 does not allow, or malformed ones.</summary>
    public long MalformedPackets { get; private set; }

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
        _hasStarted = _isDamaged = _isFragmentOpen = _hasKeySlice = _hasRecoveryPoint = false;
        AwaitsKeyFrame = true;
    }

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

        var type = NalUnit.TypeOf(payload[0]);
        if (type != NalUnitType.FuA && _isFragmentOpen)
        {
            _isFragmentOpen = false;
            _isDamaged = true;
        }

        return type switch
        {
            NalUnitType.FuA => TryTakeFragment(payload),
            NalUnitType.StapA => TryTakeAggregate(payload[1..]),
            >= NalUnitType.Slice and < NalUnitType.StapA => TryTakeNalUnit(payload),
            _ => false,
        };
    }

    private bool TryTakeNalUnit(ReadOnlySpan<byte> nalUnit)
    {
        var type = NalUnit.TypeOf(nalUnit[0]);
        if (type is < NalUnitType.Sei or > NalUnitType.AccessUnitDelimiter || !AnnexB.HasStartCode(nalUnit))
        {
            return TryTakeWhole(nalUnit);
        }

        // Quirk: some cameras put parameter sets and the key frame, start codes between them, into one unit.
        var isTaken = true;
        while (AnnexB.TryReadNext(ref nalUnit, out var inner))
        {
            isTaken &= TryTakeWhole(inner);
        }

        return isTaken;
    }

    private bool TryTakeWhole(ReadOnlySpan<byte> nalUnit)
    {
        return _assembly.TryAppend(nalUnit, maxAccessUnitBytes) && TryClose();
    }

    private bool TryClose()
    {
        var nalUnit = _assembly.OpenNalUnit;
        if (nalUnit.IsEmpty)
        {
            return true;
        }

        var type = NalUnit.TypeOf(nalUnit[0]);
        _hasKeySlice |= type == NalUnitType.Idr;
        _hasRecoveryPoint |= type == NalUnitType.Sei && NalUnit.IsRecoveryPoint(nalUnit);
        return _assembly.TryCloseNalUnit();
    }

    /// <summary>Repeated {size(16), NAL unit}, RFC 6184 §5.7.1.</summary>
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

    /// <summary>FU indicator, then <c>S E R Type(5)</c>, then a part of the unit. RFC 6184 §5.8.</summary>
    private bool TryTakeFragment(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 3)
        {
            return false;
        }

        var isStart = (payload[1] & 0x80) != 0;
        var isEnd = (payload[1] & 0x40) != 0;
        if (isStart)
        {
            _isDamaged |= _isFragmentOpen;
            _isFragmentOpen = true;
            ReadOnlySpan<byte> header = [(byte)((payload[0] & 0xE0) | (payload[1] & 0x1F))];
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

        if (!_assembly.TryAppend(payload[2..], maxAccessUnitBytes))
        {
            return false;
        }

        _isFragmentOpen = !isEnd;
        return !isEnd || TryClose();
    }

    private void Complete()
    {
        var isDamaged = _isDamaged || _isFragmentOpen;
        var isKeyFrame = _hasKeySlice || _hasRecoveryPoint;
        if (!_assembly.IsEmpty || isDamaged)
        {
            Deliver(isDamaged, isKeyFrame);
        }

        _assembly.Release();
        _isDamaged = _isFragmentOpen = _hasKeySlice = _hasRecoveryPoint = false;
    }

    private void Deliver(bool isDamaged, bool isKeyFrame)
    {
        if (isDamaged)
        {
            AwaitsKeyFrame = true;
            DroppedAccessUnits++;
        }
        else if (AwaitsKeyFrame && !isKeyFrame)
        {
            DroppedAccessUnits++;
        }
        else
        {
            AwaitsKeyFrame = false;
            sink.HandleAccessUnit(new AccessUnit(_assembly.Bytes, _assembly.NalUnits, _timestamp, isKeyFrame));
        }
    }
}
