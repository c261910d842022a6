using Comms.Phones.Media;

namespace Comms.Phones.Control;

/// <summary>Counts, burst by burst, the phones of one loop that were told of a talker in their channel. Owned by the loop.</summary>
internal sealed class FloorNews
{
    private const int BurstsKept = 4_096;
    private readonly Dictionary<(int Channel, long Burst), TakenCount> _bursts = [];

    /// <summary>Burst ids count within their channel.</summary>
    public TakenCount Count(int channel, long burstId) => _bursts.GetValueOrDefault((channel, burstId));

    /// <summary>Reads the arguments of Floors: one array of floors, each a map.</summary>
    public void Take(ref Listener listener, string channelId, ReadOnlySpan<byte> arguments, long arrivalNs)
    {
        var scan = new MessagePackScan(arguments);
        if (scan.Array() < 1) return;
        for (int floors = scan.Array(); floors > 0; floors--)
        {
            bool isOwn = false;
            long burst = 0;
            for (int left = scan.Map(); left > 0; left--)
            {
                var key = scan.Text();
                if (key.SequenceEqual("channelId"u8)) isOwn = Is(scan.Text(), channelId);
                else if (key.SequenceEqual("burstId"u8)) burst = scan.Number();
                else scan.Skip();
            }

            if (isOwn && burst > listener.TakenBurst) Note(ref listener, burst, arrivalNs);
        }
    }

    private void Note(ref Listener listener, long burst, long arrivalNs)
    {
        listener.TakenBurst = burst;
        if (_bursts.Count > BurstsKept) _bursts.Clear();
        TakenCount former = _bursts.GetValueOrDefault((listener.Channel, burst));
        _bursts[(listener.Channel, burst)] = new TakenCount(former.Phones + 1, Math.Max(former.LastNs, arrivalNs));
    }

    private static bool Is(ReadOnlySpan<byte> text, string expected)
    {
        if (text.Length != expected.Length) return false;
        for (int i = 0; i < text.Length; i++)
            if (text[i] != expected[i]) return false;
        return true;
    }
}
