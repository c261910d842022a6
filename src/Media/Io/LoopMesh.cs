using Comms.Media.Fanout;

namespace Comms.Media.Io;

/// <summary>A ring between each two loops of a node, and a carrier for each loop to write into its own. Built before the loops start.</summary>
public sealed class LoopMesh
{
    private readonly Carrier[] _carriers;

    /// <param name="capacity">Frames per ring; a power of two.</param>
    public LoopMesh(IReadOnlyList<EventLoop> loops, int capacity)
    {
        _carriers = new Carrier[loops.Count];
        for (int from = 0; from < loops.Count; from++)
        {
            var rings = new FrameRing?[loops.Count];
            for (int to = 0; to < loops.Count; to++)
            {
                if (to == from) continue;
                var ring = new FrameRing(loops[to], capacity);
                loops[to].AddIncoming(ring);
                rings[to] = ring;
            }

            _carriers[from] = new Carrier(from, rings);
        }
    }

    public IFrameCarrier CarrierOf(EventLoop loop) => _carriers[loop.Index];

    private sealed class Carrier(int loop, FrameRing?[] rings) : IFrameCarrier
    {
        public int Loop => loop;

        public int LoopCount => rings.Length;

        public bool TryCarry(int toLoop, IFrameReceiver receiver, in FrameHeader header, ReadOnlySpan<byte> payload) =>
            rings[toLoop] is { } ring && ring.TryWrite(receiver, header, payload);
    }
}
