using Comms.Grains.Contracts;

namespace Comms.Grains.Directory;

/// <summary>A camera as indexed; equal when the definitions are. How it is changes in place, because that moves it in no list. Thread-safe.</summary>
internal sealed class CameraEntry(CameraRecord record)
{
    private CameraRecord _record = record;

    public CameraRecord Record => Volatile.Read(ref _record);

    public CameraDefinition Definition => Record.Definition;

    public void Set(CameraHealth health, CameraFacts? facts) =>
        Volatile.Write(ref _record, Record with { Health = health, Facts = facts });

    /// <param name="text">The query's text without spaces around it.</param>
    public bool Matches(CameraQuery query, string text)
    {
        CameraRecord record = Record;
        CameraDefinition camera = record.Definition;
        return (query.Department.Length == 0 || camera.Department == query.Department)
            && (query.Site.Length == 0 || camera.Site == query.Site)
            && camera.GbCode.StartsWith(query.Code, StringComparison.Ordinal)
            && (query.Condition is not { } condition || record.Health.Condition == condition)
            && (query.Within is not { } area || area.Contains(camera.LatitudeDeg, camera.LongitudeDeg))
            && (text.Length == 0 || Has(camera.Id, text) || Has(camera.NameZh, text) || Has(camera.NameEn, text) || Has(camera.GbCode, text));
    }

    public override bool Equals(object? obj) => obj is CameraEntry other && other.Definition == Definition;

    public override int GetHashCode() => Definition.GetHashCode();

    private static bool Has(string own, string text) => own.Contains(text, StringComparison.OrdinalIgnoreCase);
}
