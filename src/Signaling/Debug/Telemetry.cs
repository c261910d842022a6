using OpenTelemetry.Metrics;

namespace Comms.Signaling.Debug;

/// <summary>GET /metrics in Prometheus form: our meters, the process, the runtime, HTTP and Orleans.</summary>
public static class Telemetry
{
    private static readonly string[] Meters =
    [
        "comms.*", "Comms.*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.AspNetCore.Http.Connections", "Microsoft.Orleans",
    ];

    public static void Add(IServiceCollection services) => services.AddOpenTelemetry().WithMetrics(metrics => metrics
        .AddMeter(Meters)
        .AddPrometheusExporter());

    public static void Map(WebApplication app) =>
        app.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(DebugAccess.Policy);
}
