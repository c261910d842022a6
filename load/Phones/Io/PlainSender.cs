using System.Runtime.InteropServices;

namespace Comms.Phones.Io;

/// <summary>
/// The yardstick: prebuilt datagrams by plain sendmmsg, in the server's batches and sizes, from as many threads as the server has
/// loops, to the same phones and the same draining receiver. What the kernel alone costs.
/// </summary>
public static unsafe class PlainSender
{
    private const int Batch = 128;

    /// <summary>
    /// Sends each size to all targets in turn, one round per <paramref name="roundMs"/>; returns microseconds of processor time per packet.
    /// </summary>
    public static double Measure(IReadOnlyList<Endpoint> targets, IReadOnlyList<int> sizes, Endpoint like, int roundMs, int threads)
    {
        var spent = new long[threads];
        var sent = new long[threads];
        var workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int share = i;
            workers[i] = new Thread(() => Send([.. targets.Where((_, at) => at % threads == share)], sizes, like, roundMs, out sent[share], out spent[share]));
            workers[i].Start();
        }

        foreach (Thread worker in workers) worker.Join();
        return sent.Sum() == 0 ? double.NaN : spent.Sum() / 1e3 / sent.Sum();
    }

    private static void Send(Endpoint[] targets, IReadOnlyList<int> sizes, Endpoint like, int roundMs, out long sent, out long spentNs)
    {
        int descriptor = LibC.Socket(LibC.Inet, LibC.Datagram | LibC.CloseOnExec, 0);
        LibC.SocketAddress own = (like with { Port = 0 }).ToNative();
        _ = LibC.Bind(descriptor, &own, LibC.SocketAddress.Bytes);
        var addresses = (LibC.SocketAddress*)NativeMemory.Alloc((nuint)(targets.Length * LibC.SocketAddress.Bytes));
        for (int i = 0; i < targets.Length; i++) addresses[i] = targets[i].ToNative();
        byte* payloads = (byte*)NativeMemory.AllocZeroed(Batch * 2048);
        var vectors = stackalloc LibC.IoVector[Batch];
        var messages = stackalloc LibC.Message[Batch];
        for (int i = 0; i < Batch; i++)
        {
            payloads[i * 2048] = 0x80;
            vectors[i].Base = payloads + i * 2048;
            messages[i] = new LibC.Message { NameLength = LibC.SocketAddress.Bytes, Vectors = vectors + i, VectorCount = 1 };
        }

        sent = 0;
        long cpu = Clocks.ThreadCpuNs;
        long next = Clocks.MonotonicNs;
        foreach (int size in sizes)
        {
            for (int at = 0; at < targets.Length; at += Batch)
            {
                int count = Math.Min(Batch, targets.Length - at);
                for (int i = 0; i < count; i++)
                {
                    vectors[i].Length = (nuint)size;
                    messages[i].Name = addresses + at + i;
                }

                sent += SendAll(descriptor, messages, count);
            }

            next += roundMs * 1_000_000L;
            Clocks.WaitUntil(next);
        }

        spentNs = Clocks.ThreadCpuNs - cpu;
        _ = LibC.Close(descriptor);
        NativeMemory.Free(addresses);
        NativeMemory.Free(payloads);
    }

    private static int SendAll(int descriptor, LibC.Message* messages, int count)
    {
        int sent = 0;
        while (sent < count)
        {
            int taken = LibC.SendMany(descriptor, messages + sent, (uint)(count - sent), LibC.NoSignal);
            if (taken > 0) sent += taken;
            else if (Marshal.GetLastPInvokeError() != LibC.Eintr) return sent;
        }

        return sent;
    }
}
