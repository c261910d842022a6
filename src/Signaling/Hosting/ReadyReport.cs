using System.Text.Json;

namespace Comms.Signaling.Hosting;

/// <summary>What a running server tells programs that wait for it: DATA/run/ready.json.</summary>
public sealed record ReadyReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required int Pid { get; init; }

    /// <summary>New with every start; the hub's hello carries it.</summary>
    public required string Instance { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Actual TCP port of plain HTTP.</summary>
    public required int HttpPort { get; init; }

    public required int HttpsPort { get; init; }

    /// <summary>Other listeners by name ("sipUdp", "media", "rtsp"): actual ports.</summary>
    public IReadOnlyDictionary<string, int> Ports { get; init; } = new Dictionary<string, int>();

    /// <summary>Addresses to open in a browser, the nearest first.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    public void Write(string file) => PrivateFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(this, Json));

    public static ReadyReport? Read(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<ReadyReport>(File.ReadAllBytes(file), Json) : null;
}
