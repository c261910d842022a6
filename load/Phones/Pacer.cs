namespace Comms.Phones;

/// <summary>
/// Something that every phone of a loop does once per period, spread evenly over it: how many phones are due now, and which is the
/// next. No timer per phone.
/// </summary>
internal sealed class Pacer(long periodNs, int phones, long startNs)
{
    private const int MostPerTurn = 256;
    private long _done;

    /// <summary>Phones that are due; at the most some hundred, so that the loop's other work is served between.</summary>
    public int Due(long nowNs) =>
        phones == 0 ? 0 : (int)Math.Clamp((long)((double)(nowNs - startNs) / periodNs * phones) - _done, 0, MostPerTurn);

    public int Next() => (int)(_done++ % phones);
}
