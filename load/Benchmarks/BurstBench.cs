using System.Net;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Benchmarks;

/// <summary>A picture of 30 packets to each of 200 viewers: CPU of the loop for each packet, one by one and cut by the kernel.</summary>
internal static class BurstBench
{
    private const int Viewers = 200;
    private const int PacketsEach = 30;
    private const int PacketBytes = 1_180;
    private const int Rounds = 20;

    public static (double SingleUs, double SegmentedUs) Measure()
    {
        Measure(segments: false, 2);
        Measure(segments: true, 2);
        return (Measure(segments: false, Rounds), Measure(segments: true, Rounds));
    }

    private static double Measure(bool segments, int rounds)
    {
        using var receiver = new DrainingReceiver(PacketBytes);
        using var batch = new UdpReceiveBatch();
        using var loop = new EventLoop(0, NullLogger.Instance);
        using var socket = new UdpSocket(
            loop, batch, new Nobody(), new DropCounters(), new IPEndPoint(IPAddress.Loopback, 0), new UdpSocketOptions { Batched = true, Segments = segments });
        socket.Attach();
        loop.Start();
        long cpu = loop.CpuNanoseconds;
        for (int round = 1; round <= rounds; round++)
        {
            loop.Post(_ =>
            {
                for (int viewer = 0; viewer < Viewers; viewer++) Send(socket, viewer, receiver.Port);
            });
            receiver.WaitFor((long)round * Viewers * PacketsEach);
        }

        double us = (loop.CpuNanoseconds - cpu) / 1_000.0 / rounds / Viewers / PacketsEach;
        loop.Dispose();
        return us;
    }

    private static void Send(UdpSocket socket, int viewer, int port)
    {
        var to = TransportAddress.From(new IPEndPoint(new IPAddress([127, 2, 0, (byte)(viewer + 1)]), port));
        for (int i = 0; i < PacketsEach; i++)
        {
            socket.Reserve(PacketBytes).Clear();
            socket.Commit(PacketBytes, to);
        }
    }

    private sealed class Nobody : IDatagramReceiver
    {
        public void OnDatagram(UdpSocket socket, Span<byte> datagram, in TransportAddress from, Instant now)
        {
        }
    }
}
