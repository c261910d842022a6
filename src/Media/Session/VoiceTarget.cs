using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// The short way to one slot of one session, for fan-outs to thousands: nothing of the session is touched but its memory in the
/// <see cref="SendTable"/>. Valid as long as the session; on its loop only. The default has none.
/// </summary>
public readonly unsafe struct VoiceTarget
{
    private const int CacheLineBytes = 64;
    private readonly SendTable? _table;
    private readonly SendBlock* _block;
    private readonly SendStream* _stream;

    internal VoiceTarget(SendTable table, SendBlock* block, SendStream* stream)
    {
        _table = table;
        _block = block;
        _stream = stream;
    }

    /// <summary>False: the packet has to go by the session itself, which is not connected, uses the other profile, or adds redundancy.</summary>
    public bool IsReady
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _block != null && _block->IsReady && _stream->Redundancy.IsSettledOff;
    }

    /// <summary>Asks the processor to have ready by then what <see cref="Send"/> reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch()
    {
        if (!Sse.IsSupported || _block == null) return;
        for (int at = 0; at < SendBlock.Bytes; at += CacheLineBytes) Sse.Prefetch0((byte*)_block + at);
        for (int at = 0; at < sizeof(SendStream); at += CacheLineBytes) Sse.Prefetch0((byte*)_stream + at);
    }

    /// <summary>As <see cref="WebRtcSession.SendVoice"/>. Only while <see cref="IsReady"/>.</summary>
    public SendOutcome Send(in VoicePacket packet, Instant now) => _table!.SendVoice(_block, _stream, packet, now);
}
