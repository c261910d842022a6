using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Comms.Media.Crypto;
using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire;
using Comms.Media.Wire.Rtp;

namespace Comms.Benchmarks;

/// <summary>The steps of one voice packet: 20 ms of Opus at 24 kbit/s, 60 bytes.</summary>
[MemoryDiagnoser]
[InvocationCount(Packets)]
public class PacketBenchmarks : IDisposable
{
    private const int Packets = 8_192;
    private const int PayloadBytes = 60;
    private const byte SilkWideband20Ms = 9 << 3;
    private const int PlainBytes = RtpHeader.Bytes + PayloadBytes;
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(16);
    private static readonly byte[] Salt = RandomNumberGenerator.GetBytes(14);

    private readonly byte[] _payload = RandomNumberGenerator.GetBytes(PayloadBytes);
    private readonly byte[] _scratch = new byte[256];
    private readonly byte[][] _protected = new byte[Packets][];
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _tag = new byte[16];
    private readonly AesGcm _aesGcm = new(Key, 16);
    private SrtpSender _sender = null!;
    private SrtpReceiver _receiver = null!;
    private readonly VoiceMerger _merger = new(new NoListeners());
    private readonly byte[] _opusPacket = [SilkWideband20Ms, .. RandomNumberGenerator.GetBytes(PayloadBytes - 1)];
    private SequenceRewriter _rewriter;
    private int _at;
    private int _said;

    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1_80)]
    public SrtpProfile Profile { get; set; }

    [IterationSetup]
    public void Prepare()
    {
        var master = new SrtpMasterKey(Profile, Key, Salt[..Profile.SaltBytes]);
        using var source = new SrtpSender(master);
        for (int i = 0; i < Packets; i++)
        {
            WritePlain((ushort)i);
            if (!source.TryProtect(_scratch, PlainBytes, out int length))
                throw new InvalidOperationException("A packet could not be protected.");
            _protected[i] = _scratch[..length];
        }

        _sender?.Dispose();
        _receiver?.Dispose();
        _sender = new SrtpSender(master);
        _receiver = new SrtpReceiver(master);
        _rewriter = new SequenceRewriter(1, 1, 48_000);
        _at = 0;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _aesGcm.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true, Description = "AesGcm of .NET on the same bytes")]
    public void PlainAesGcm() =>
        _aesGcm.Encrypt(_nonce, _payload, _scratch.AsSpan(RtpHeader.Bytes, PayloadBytes), _tag, _scratch.AsSpan(0, RtpHeader.Bytes));

    [Benchmark(Description = "classify and parse")]
    public int Parse()
    {
        ReadOnlySpan<byte> packet = _protected[Next()];
        return DatagramDemultiplexer.Classify(packet) == DatagramKind.Rtp && RtpPacketView.TryParse(packet, out var view) ? view.Payload.Length : -1;
    }

    [Benchmark(Description = "unprotect")]
    public int Unprotect()
    {
        byte[] packet = _protected[Next()];
        packet.CopyTo(_scratch, 0);
        if (_receiver.Unprotect(_scratch.AsSpan(0, packet.Length), out int length) != SrtpError.None)
            throw new InvalidOperationException("A packet was not authentic.");
        return length;
    }

    [Benchmark(Description = "merge one frame into 120 ms")]
    public DropReason Merge()
    {
        int said = _said++;
        var header = new FrameHeader { Number = 1, Sequence = (ushort)said, Timestamp = (uint)said * 960, Captured = new Instant(said * 20_000_000L), FrameMs = FrameClass.LongestMs };
        return _merger.Insert(header, _opusPacket, header.Captured);
    }

    [Benchmark(Description = "rewrite, per listener")]
    public ushort Rewrite()
    {
        int at = Next();
        ushort sequence = (ushort)at;
        uint timestamp = (uint)at * 960;
        bool marker = false;
        _rewriter.Rewrite(ref sequence, ref timestamp, ref marker, 960, new Instant(at * 20_000_000L));
        new RtpHeader(111, marker, sequence, timestamp, 42).Write(_scratch);
        _payload.CopyTo(_scratch, RtpHeader.Bytes);
        return sequence;
    }

    [Benchmark(Description = "protect, per listener")]
    public int Protect()
    {
        WritePlain((ushort)Next());
        if (!_sender.TryProtect(_scratch, PlainBytes, out int length))
            throw new InvalidOperationException("A packet could not be protected.");
        return length;
    }

    private int Next() => _at++ & (Packets - 1);

    private void WritePlain(ushort sequence)
    {
        new RtpHeader(111, false, sequence, sequence * 960u, 42).Write(_scratch);
        _payload.CopyTo(_scratch, RtpHeader.Bytes);
    }

    private sealed class NoListeners : IVoicePacketSink
    {
        public void OnPacket(in FrameHeader header, ReadOnlySpan<byte> payload, VoiceFlush flush, Instant now)
        {
        }
    }
}
