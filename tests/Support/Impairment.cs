namespace Comms.Support;

/// <summary>How bad a link is, in each direction. The default is a perfect one.</summary>
public sealed record Impairment
{
    public static readonly Impairment None = new();

    /// <summary>Share of packets that never arrive, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Packets lost in a row on average, 1 or more; lengths are geometric (Gilbert's model).</summary>
    public double MeanLossBurst { get; init; } = 1;

    /// <summary>Every packet takes so long, in milliseconds.</summary>
    public int DelayMs { get; init; }

    /// <summary>And up to so much more, evenly spread. Packets keep their order.</summary>
    public int JitterMs { get; init; }

    /// <summary>Share of packets that are held by <see cref="ReorderMs"/> more while others pass them.</summary>
    public double Reorder { get; init; }

    public int ReorderMs { get; init; } = 45;

    /// <summary>Share of packets that arrive twice.</summary>
    public double Duplicate { get; init; }
}
