using System.Runtime.InteropServices;

namespace Comms.Media.Io;

/// <summary>
/// Joins neighbouring datagrams of one size to one destination into one message for the kernel to cut (UDP_SEGMENT), where bursts of
/// video cost a quarter of single datagrams. Nothing is copied: a message names the datagrams' own vectors.
/// </summary>
internal sealed unsafe class UdpSegments : IDisposable
{
    /// <summary>The kernel's own bound (UDP_MAX_SEGMENTS).</summary>
    private const int MaxSegments = 64;

    /// <summary>What one message may carry: 64 kB with headers.</summary>
    private const int MaxBytes = 65_000;

    private const int ControlBytes = 24;
    private const int ControlLength = 16 + sizeof(ushort);
    private readonly byte* _controls;
    private readonly LibC.MessageHeaderEntry* _messages;
    private readonly int[] _counts;

    public UdpSegments(int capacity)
    {
        _controls = (byte*)NativeMemory.AllocZeroed((nuint)capacity, ControlBytes);
        _messages = (LibC.MessageHeaderEntry*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(LibC.MessageHeaderEntry));
        _counts = new int[capacity];
    }

    /// <summary>The messages of the latest plan.</summary>
    public LibC.MessageHeaderEntry* Messages => _messages;

    /// <summary>Plans the datagrams from one index to another, each a message with one vector; returns the number of messages.</summary>
    public int Plan(LibC.MessageHeaderEntry* datagrams, int from, int to)
    {
        int planned = 0;
        for (int at = from; at < to; planned++)
        {
            int run = RunAt(datagrams, at, to);
            _counts[planned] = run;
            _messages[planned] = datagrams[at];
            if (run > 1) Join(planned, run);
            at += run;
        }

        return planned;
    }

    /// <summary>Datagrams in a message of the latest plan.</summary>
    public int CountOf(int message) => _counts[message];

    public void Dispose()
    {
        NativeMemory.Free(_controls);
        NativeMemory.Free(_messages);
    }

    // Equal datagrams, and one shorter behind them.
    private static int RunAt(LibC.MessageHeaderEntry* datagrams, int at, int to)
    {
        nuint size = datagrams[at].Vectors->Length;
        nuint total = size;
        int run = 1;
        for (; at + run < to && run < MaxSegments; run++)
        {
            ref var next = ref datagrams[at + run];
            nuint length = next.Vectors->Length;
            total += length;
            if (length > size || total > MaxBytes || !IsSameDestination(datagrams[at], next)) return run;
            if (length < size) return run + 1;
        }

        return run;
    }

    private static bool IsSameDestination(in LibC.MessageHeaderEntry left, in LibC.MessageHeaderEntry right) =>
        left.NameLength == right.NameLength
        && new ReadOnlySpan<byte>(left.Name, (int)left.NameLength).SequenceEqual(new ReadOnlySpan<byte>(right.Name, (int)right.NameLength));

    private void Join(int message, int run)
    {
        byte* control = _controls + message * ControlBytes;
        *(nuint*)control = ControlLength;
        *(int*)(control + 8) = LibC.UdpProtocol;
        *(int*)(control + 12) = LibC.UdpSegment;
        *(ushort*)(control + 16) = (ushort)_messages[message].Vectors->Length;
        _messages[message].VectorCount = (nuint)run;
        _messages[message].Control = control;
        _messages[message].ControlLength = ControlBytes;
    }
}
