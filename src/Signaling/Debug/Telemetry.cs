using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Comms.Signaling.Debug;

/// <summary>GET /metrics in Prometheus form: our meters, the process, the runtime, HTTP and Orleans.</summary>
public static class Telemetry
{
    private static readonly string[] Meters =
    [
        "comms.*", "Comms.*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.AspNetCore.Http.Connections", "Microsoft.Orleans",
    ];

    private static readonly string Version = typeof(Telemetry).Assembly.GetName().Version?.ToString(3) ?? "";

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<GcPauses>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("comms", serviceVersion: Version))
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());
    }

    public static void Map(WebApplication app)
    {
        _ = app.Services.GetRequiredService<GcPauses>();
        app.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(DebugAccess.Policy);
    }
}
