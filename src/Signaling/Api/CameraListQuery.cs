using System.Globalization;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Api;

/// <summary>
/// Query of the camera list: "?text=&amp;town=&amp;department=&amp;code=&amp;site=&amp;condition=&amp;box=&amp;after=&amp;limit=". The box is
/// "west,south,east,north" in degrees.
/// </summary>
public sealed record CameraListQuery(
    string? Text, string? Town, string? Department, string? Code, string? Site, string? Condition, string? Box, string? After, int? Limit)
{
    /// <summary>The search within the caller's subtree; else null with the problem to answer with.</summary>
    public CameraQuery? Within(Scope scope, IDirectoryIndex directory, out IResult problem)
    {
        problem = ApiProblem.NotFound("town");
        if (new PageQuery(Text, Town, After, Limit).Within(scope, directory) is not { } page) return null;
        MapRectangle? area = null;
        CameraCondition? condition = null;
        problem = ApiProblem.Of(StatusCodes.Status400BadRequest, "query.invalid", "box is west,south,east,north in degrees; condition is unknown, online, degraded, faulty or offline.");
        if (!string.IsNullOrEmpty(Box) && (area = BoxOf(Box)) is null) return null;
        if (!string.IsNullOrEmpty(Condition) && (condition = ConditionOf(Condition)) is null) return null;
        return new CameraQuery(page.Text, page.TownPath, page.After, page.Limit)
        {
            Department = Department ?? "", Code = Code ?? "", Site = Site ?? "", Condition = condition, Within = area,
        };
    }

    private static MapRectangle? BoxOf(string text)
    {
        double[] numbers = [.. text.Split(',').Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : double.NaN)];
        return numbers is [var west, var south, var east, var north] && !numbers.Any(double.IsNaN) && south <= north
            ? new MapRectangle(west, south, east, north)
            : null;
    }

    private static CameraCondition? ConditionOf(string word) =>
        Enum.GetNames<CameraCondition>().FirstOrDefault(name => name.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<CameraCondition>(found)
            : null;
}
