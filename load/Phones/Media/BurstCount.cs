namespace Comms.Phones.Media;

/// <summary>What the listeners of a channel got of one burst.</summary>
public sealed class BurstCount
{
    /// <summary>Packets in the burst → listeners that got so many.</summary>
    public Dictionary<int, int> Packets { get; } = [];

    /// <summary>Packet counts of compared listeners that heard every frame: the only counts that are whole.</summary>
    public HashSet<int> Complete { get; } = [];

    /// <summary>Compared listeners, and those of them that have not heard every frame.</summary>
    public int Compared { get; set; }

    public int Incomplete { get; set; }

    public int Listeners => Packets.Values.Sum();

    /// <summary>
    /// True when every listener got a number of packets that made the burst whole for somebody compared; in a channel too small to
    /// have anybody compared, when all got the same.
    /// </summary>
    public bool IsWhole => Compared == 0
        ? Packets.Count == 0 || (Packets.Count == 1 && !Packets.ContainsKey(0))
        : Incomplete == 0 && Packets.Keys.All(Complete.Contains);

    /// <summary>Packets that listeners did not get, against the smallest number that makes the burst whole.</summary>
    public long Missing
    {
        get
        {
            if (IsWhole) return 0;
            int whole = Complete.Count > 0 ? Complete.Min() : Packets.Keys.DefaultIfEmpty(0).Max();
            return Packets.Where(pair => !Complete.Contains(pair.Key)).Sum(pair => (long)Math.Max(1, whole - pair.Key) * pair.Value);
        }
    }

    public long Sum => Packets.Sum(pair => (long)pair.Key * pair.Value);

    public void Add(BurstCount other)
    {
        foreach (var (packets, listeners) in other.Packets) Packets[packets] = Packets.GetValueOrDefault(packets) + listeners;
        Complete.UnionWith(other.Complete);
        Compared += other.Compared;
        Incomplete += other.Incomplete;
    }
}
