using System.Net;
using System.Security.Cryptography;
using Comms.Media.Crypto;
using Comms.Media.Numbers;
using Comms.Media.Session;

namespace Comms.Benchmarks;

/// <summary>
/// The part of a fan-out that is not the kernel's: rewriting, header, copy and protection for each of many listeners into one send
/// buffer. Hot is one listener over and over; cold is all in turn, whose keys no cache can hold close by.
/// </summary>
internal static unsafe class ProtectBench
{
    private const int Rounds = 40;

    public static (double HotNs, double ColdNs, double PrefetchedNs, double SealNs) Measure(int listeners, int payloadBytes)
    {
        using var table = new SendTable(new DropCounters());
        var output = new OneBatch();
        var targets = new VoiceTarget[listeners];
        for (int i = 0; i < listeners; i++) targets[i] = Connect(table, output);
        byte[] payload = RandomNumberGenerator.GetBytes(payloadBytes);
        ushort sequence = 0;
        Run(targets, payload, 1, 0, ref sequence);
        Run(targets, payload, 1, 4, ref sequence);
        return (Run(targets, payload, 0, 0, ref sequence), Run(targets, payload, 1, 0, ref sequence), Run(targets, payload, 1, 4, ref sequence), Seal(table, payloadBytes));
    }

    private static double Run(VoiceTarget[] targets, byte[] payload, int step, int ahead, ref ushort sequence)
    {
        long start = PlainSender.CpuNanoseconds();
        for (int round = 0; round < Rounds; round++)
        {
            sequence++;
            for (int i = 0; i < targets.Length; i++)
            {
                if (step == 0) sequence++;
                if (ahead > 0 && i + ahead < targets.Length) targets[i + ahead].Prefetch();
                var packet = new VoicePacket { Sequence = sequence, Timestamp = sequence * 960u, Ticks = 960, Payload = payload };
                targets[i * step].Send(packet, new Instant(sequence * 20_000_000L));
            }
        }

        return (PlainSender.CpuNanoseconds() - start) / (double)Rounds / targets.Length;
    }

    /// <summary>AES-GCM alone, over and over with one key.</summary>
    private static double Seal(SendTable table, int payloadBytes)
    {
        const int Times = 400_000;
        var block = table.Take(1);
        SendBlock.UseKeys(block, Master());
        byte[] room = GC.AllocateArray<byte>(2_048, pinned: true);
        long start = 0;
        fixed (byte* packet = room)
        {
            for (int i = -Times; i < Times; i++)
            {
                if (i == 0) start = PlainSender.CpuNanoseconds();
                SendBlock.Protect(block, packet, payloadBytes, 1, (ulong)(i + Times));
            }
        }

        return (PlainSender.CpuNanoseconds() - start) / (double)Times;
    }

    private static SrtpMasterKey Master() => new(
        SrtpProfile.AeadAes128Gcm, RandomNumberGenerator.GetBytes(SrtpProfileSizes.KeyBytes), RandomNumberGenerator.GetBytes(SrtpProfile.AeadAes128Gcm.SaltBytes));

    private static VoiceTarget Connect(SendTable table, IDatagramOutput output)
    {
        var block = table.Take(3);
        var stream = SendTable.StreamsOf(block);
        *stream = new SendStream(1, 111, 48_000);
        block->Output = table.NumberOf(output);
        block->Remote = TransportAddress.From(new IPEndPoint(IPAddress.Loopback, 9));
        SendBlock.UseKeys(block, Master());
        return new VoiceTarget(table, block, stream);
    }

    /// <summary>Room as in a batch of 128 packets, and nothing sent.</summary>
    private sealed class OneBatch : IDatagramOutput
    {
        private readonly byte[] _arena = GC.AllocateArray<byte>(64 * 1_024, pinned: true);
        private int _used;

        public bool IsBlocked => false;

        public Span<byte> Reserve(int maxBytes)
        {
            if (_used + maxBytes > _arena.Length) _used = 0;
            return _arena.AsSpan(_used, maxBytes);
        }

        public void Commit(int length, in TransportAddress to) => _used += (length + 63) & ~63;
    }
}
