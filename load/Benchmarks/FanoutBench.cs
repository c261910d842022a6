using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Comms.Media.Crypto;
using Comms.Media.Fanout;
using Comms.Media.Ice;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Benchmarks;

/// <summary>
/// One packet to 20,000 sessions of a real node, each with its own keys and its own address in 127/8: CPU of the media loop for each
/// SRTP packet, over plain sendmmsg of the same sizes, batches and destinations to the same receiver, before and after in the same run.
/// </summary>
internal static class FanoutBench
{
    private const double MaxDriftPercent = 10;
    private const string ChannelId = "fanout";

    public static async Task<int> RunAsync(string[] arguments)
    {
        int listeners = Argument(arguments, "--listeners", 20_000);
        int payloadBytes = Argument(arguments, "--payload", 180);
        int packets = Argument(arguments, "--packets", 30);
        using var receiver = new DrainingReceiver(12 + payloadBytes + 16);
        var phones = Enumerable.Range(0, listeners).Select(i => TransportAddress.From(
            new IPEndPoint(new IPAddress([127, (byte)(1 + i / 62_500), (byte)(1 + i / 250 % 250), (byte)(1 + i % 250)]), receiver.Port))).ToList();
        await using var node = new MediaNode(
            new MediaOptions
            {
                MediaPort = 0, Loops = 1, BindAddresses = "127.0.0.1", RtpPortMin = 30_000, RtpPortMax = 30_999, SessionTimeoutMs = 600_000, FrameMs = "20",
            },
            NullLoggerFactory.Instance)
        {
            DtlsFactory = (_, _) => new KeyedEndpoint(SrtpProfile.AeadAes128Gcm),
        };
        node.Start();
        long residentBefore = ResidentBytes();
        await JoinAsync(node, phones);
        double kbPerSession = (ResidentBytes() - residentBefore) / 1_024.0 / listeners;
        using var plain = new PlainSender(phones, 12 + payloadBytes + 16);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int descriptor = (int)socket.Handle;

        await TalkAsync(node, receiver, listeners, payloadBytes, 10, 0);
        double before = SendPlain(plain, receiver, descriptor, listeners, packets / 2);
        var talk = await TalkAsync(node, receiver, listeners, payloadBytes, packets, 10);
        double after = SendPlain(plain, receiver, descriptor, listeners, packets / 2);
        var costs = new OwnCosts(kbPerSession, ProtectBench.Measure(listeners, payloadBytes), BurstBench.Measure());
        return Report(listeners, payloadBytes, before, after, talk, costs);
    }

    private static async Task JoinAsync(MediaNode node, List<TransportAddress> phones)
    {
        var loop = node.Loops[0];
        var port = loop.Ports[0];
        var own = new IceCredentials("phone", "a-password-of-a-phone-in-here");
        for (int i = 0; i < phones.Count; i++)
        {
            var opened = await node.OpenWebRtcSessionAsync(new WebRtcSessionParameters
            {
                RemoteUfrag = own.Ufrag,
                RemotePassword = own.Password,
                FingerprintAlgorithm = "sha-256",
                Fingerprint = new byte[32],
                AudioSlots = [.. Enumerable.Range(0, 3).Select(slot => new AudioSlot { Mid = $"{slot}", PayloadType = 111, LocalSsrc = RandomSsrc(), MayTalk = slot == 0 })],
            });
            var transport = opened.Value ?? throw new InvalidOperationException($"refused: {opened.Refusal}");
            var (from, number) = (phones[i], (uint)i);
            byte[] check = IceCheck.Write(own, new IceCredentials(transport.Ufrag, transport.Password), number: number);
            await loop.Events.CallAsync(
                now =>
                {
                    port.OnDatagram(port.Socket, check, from, now);
                    port.OnDatagram(port.Socket, [22, 0xFE, 0xFD], from, now);
                    return true;
                },
                false);
            await node.ListenAsync(transport.Session, 0, ChannelId);
        }

        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (loop.Counters.HandshakesDone < phones.Count) await tick.WaitForNextTickAsync();
    }

    private static uint RandomSsrc() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    /// <summary>CPU of the loop for each packet, bytes that it allocated, and packets that did not arrive.</summary>
    private static async Task<(double Us, long Allocated, long Lost)> TalkAsync(
        MediaNode node, DrainingReceiver receiver, int listeners, int payloadBytes, int packets, int first)
    {
        var loop = node.Loops[0];
        byte[] payload = RandomNumberGenerator.GetBytes(payloadBytes);
        payload[0] = 0x78;
        await loop.Events.CallAsync(_ => true, false);
        long cpu = loop.Events.CpuNanoseconds;
        long allocated = loop.Events.AllocatedBytes;
        long sent = loop.Counters.SrtpSent;
        long expected = receiver.Received;
        for (int i = first; i < first + packets; i++)
        {
            var header = new FrameHeader { Sequence = (ushort)i, Timestamp = (uint)i * 960, Number = 1, Epoch = 1 };
            loop.Events.Post(now => node.ChannelHub(ChannelId).Part(0).Talk(header with { Captured = now }, payload, now));
            expected += listeners;
            receiver.WaitFor(expected);
        }

        cpu = loop.Events.CpuNanoseconds - cpu;
        allocated = loop.Events.AllocatedBytes - allocated;
        sent = loop.Counters.SrtpSent - sent;
        return (cpu / 1_000.0 / sent, allocated, (long)packets * listeners - sent + Math.Max(0, expected - receiver.Received));
    }

    /// <summary>Resident memory after a full collection.</summary>
    private static long ResidentBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    private static double SendPlain(PlainSender plain, DrainingReceiver receiver, int descriptor, int listeners, int packets)
    {
        long expected = receiver.Received;
        long cpu = 0;
        for (int i = 0; i < packets; i++)
        {
            cpu += plain.SendAll(descriptor);
            expected += listeners;
            receiver.WaitFor(expected);
        }

        return cpu / 1_000.0 / packets / listeners;
    }

    private static int Report(int listeners, int payloadBytes, double before, double after, (double Us, long Allocated, long Lost) talk, OwnCosts costs)
    {
        double plain = (before + after) / 2;
        double drift = Math.Abs(before - after) / plain * 100;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {listeners} listeners, {payloadBytes} bytes of Opus: loop {talk.Us:F3} us, plain sendmmsg {before:F3} and {after:F3} us, ratio {talk.Us / plain:F3}
            of that not the kernel's: {costs.Protect.ColdNs:F0} ns from cold memory, {costs.Protect.PrefetchedNs:F0} ns asked for in advance, {costs.Protect.HotNs:F0} ns from the nearest cache; AES-GCM alone {costs.Protect.SealNs:F0} ns
            video to one viewer: {costs.Burst.SingleUs:F3} us a packet one by one, {costs.Burst.SegmentedUs:F3} us cut by the kernel
            """));
        bool isVoid = drift > MaxDriftPercent || talk.Lost != 0;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            listeners,
            payload_bytes = payloadBytes,
            loop_cpu_us_per_packet = Math.Round(talk.Us, 3),
            plain_sendmmsg_us_per_packet = Math.Round(plain, 3),
            plain_drift_percent = Math.Round(drift, 1),
            ratio_to_sendmmsg = Math.Round(talk.Us / plain, 3),
            bytes_allocated = talk.Allocated,
            packets_lost = talk.Lost,
            protect_cold_ns = Math.Round(costs.Protect.ColdNs),
            protect_prefetched_ns = Math.Round(costs.Protect.PrefetchedNs),
            protect_hot_ns = Math.Round(costs.Protect.HotNs),
            seal_ns = Math.Round(costs.Protect.SealNs),
            video_burst_us_per_packet = Math.Round(costs.Burst.SingleUs, 3),
            video_burst_segmented_us_per_packet = Math.Round(costs.Burst.SegmentedUs, 3),
            kb_per_session = Math.Round(costs.KbPerSession, 1),
            valid = !isVoid,
        }));
        return isVoid ? 1 : 0;
    }

    private static int Argument(string[] arguments, string name, int otherwise)
    {
        int at = Array.IndexOf(arguments, name);
        return at < 0 ? otherwise : int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
    }

    /// <summary>What is measured beside the fan-out itself.</summary>
    private sealed record OwnCosts(
        double KbPerSession, (double HotNs, double ColdNs, double PrefetchedNs, double SealNs) Protect, (double SingleUs, double SegmentedUs) Burst);
}
