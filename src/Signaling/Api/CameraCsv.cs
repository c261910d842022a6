using System.Globalization;
using System.Text;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Api;

/// <summary>
/// The columns of a camera list as CSV. Sources go in and never out: an export has their columns empty, and an empty URL
/// keeps what is stored, so that an export can be changed and imported again.
/// </summary>
public static class CameraCsv
{
    public const string Id = "id";
    public const string MediaType = "text/csv";

    /// <summary>Spreadsheets take a file for UTF-8 only by this mark.</summary>
    public const string ByteOrderMark = "\uFEFF";

    /// <summary>In the order of an export; an import may have them in any order and leave all but the id out.</summary>
    public static readonly IReadOnlyList<string> Columns =
    [
        Id, "nameZh", "nameEn", "townId", "department", "latitudeDeg", "longitudeDeg", "headingDeg", "gbCode", "site", "policy",
        "url", "userName", "password", "subUrl", "subUserName", "subPassword",
    ];

    public static void WriteHeader(StringBuilder text) => CsvText.Write(text, Columns);

    public static void Write(StringBuilder text, CameraDefinition camera) => CsvText.Write(
        text,
        [
            camera.Id, camera.NameZh, camera.NameEn, camera.TownId, camera.Department, Number(camera.LatitudeDeg), Number(camera.LongitudeDeg),
            Number(camera.HeadingDeg), camera.GbCode, camera.Site, Word(camera.Policy), "", "", "", "", "", "",
        ]);

    public static string Word(CameraPolicy policy) => policy switch
    {
        CameraPolicy.KeptWarm => "keptWarm",
        CameraPolicy.AlwaysOn => "alwaysOn",
        _ => "onDemand",
    };

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}
