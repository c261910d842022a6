using Comms.Browser;

namespace Comms.EndToEnd;

/// <summary>Keeps pictures of pages for people to look at, where COMMS_SCREENSHOTS names a folder.</summary>
internal static class Screens
{
    private static readonly string Folder = Environment.GetEnvironmentVariable("COMMS_SCREENSHOTS") ?? "";

    public static Task KeepAsync(CommsPage page, string name) =>
        Folder.Length == 0 ? Task.CompletedTask : page.Page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{name}.png") });
}
