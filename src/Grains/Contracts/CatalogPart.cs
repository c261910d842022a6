namespace Comms.Grains.Contracts;

/// <summary>
/// Spreads the ids of a kind over a fixed number of catalog grains, so that adding one of 20,000 does not write all.
/// </summary>
public static class CatalogPart
{
    /// <summary>Stored: changing it needs a migration of the catalog.</summary>
    public const int Count = 64;

    public static string KeyOf(CatalogKind kind, string id) => KeyOf(kind, Of(id));

    /// <summary>The part that an id belongs to, from 0 to <see cref="Count"/> - 1.</summary>
    public static int Of(string id) => (int)(Fnv1a(id) % Count);

    public static string KeyOf(CatalogKind kind, int part) => $"{kind}/{part}";

    // FNV-1a over the UTF-16 code units: the same on every machine and in every process, unlike string.GetHashCode.
    private static uint Fnv1a(string text)
    {
        uint hash = 2166136261;
        foreach (char unit in text)
        {
            hash = (hash ^ unit) * 16777619;
        }

        return hash;
    }
}
