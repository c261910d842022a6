namespace Comms.Signaling.Realtime;

/// <summary>Where the hub is.</summary>
public static class HubPath
{
    public const string Value = "/hub";
}
