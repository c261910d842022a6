using Comms.Grains;
using Comms.Grains.Events;
using Comms.Media.Node;
using Comms.Media.Node.Streams;
using Comms.Signaling.Api;
using Comms.Signaling.Bridges;
using Comms.Signaling.Debug;
using Comms.Signaling.Realtime;
using Comms.Signaling.Security;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Transport;
using Comms.Signaling.Store;
using Comms.Signaling.WebRtc;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;
using Orleans.Dashboard;
using Serilog;
using Serilog.Core;

namespace Comms.Signaling.Hosting;

/// <summary>The composition root: every part of the server is made and joined here.</summary>
public static class CommsHost
{
    /// <summary>Open calls are ended and the store is written within this time.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(8);

    /// <summary>Records that the silo registers itself, in the form it uses.</summary>
    private static readonly Type[] AddedBySilo = [typeof(StoreOptions), typeof(GrainOptions), typeof(JournalOptions)];

    public static WebApplication Build(CommsConfiguration configuration, DataFolder folder, Logger log)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "comms" });
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(log);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopLimit);
        AddSettings(builder.Services, configuration, folder);
        builder.AddCommsSilo(configuration.StoreIn(folder), configuration.Get<GrainOptions>(), configuration.Get<JournalOptions>());
        builder.UseOrleans(silo => silo.AddDashboard());
        AddMedia(builder.Services);
        builder.Services.AddBridges();
        builder.Services.AddSip();
        builder.Services.AddWebRtc();
        builder.Services.AddHub();
        builder.Services.AddHostedService<AccessRecheck>();
        Telemetry.Add(builder.Services);
        AddSecurity(builder.Services);
        AddHttp(builder, configuration.Get<HttpOptions>());
        AddFirstStart(builder.Services);
        WebApplication app = builder.Build();
        UsePipeline(app);
        MapEndpoints(app);
        return app;
    }

    private static void AddSettings(IServiceCollection services, CommsConfiguration configuration, DataFolder folder)
    {
        foreach (var (type, options) in configuration.Options.Where(pair => !AddedBySilo.Contains(pair.Key))) services.AddSingleton(type, options);
        services.AddSingleton(folder);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => ServerInstance.Create(provider.GetRequiredService<LocalNode>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static void AddMedia(IServiceCollection services)
    {
        services.AddSingleton(MediaService.Create);
        services.AddSingleton<IMediaNode>(provider => provider.GetRequiredService<MediaNode>());
        services.AddHostedService<MediaService>();
        services.AddSingleton<IStreamGuard, StreamGuard>();
        services.AddSingleton<StreamTokenParts>();
        services.AddSingleton<Snapshots>();
        services.AddSingleton(provider => new ListenerPort("rtsp", () => provider.GetRequiredService<MediaNode>().StreamPort));
        services.AddSingleton(provider => new ListenerPort("media", () => provider.GetRequiredService<MediaNode>().Description.Candidates[0].Port));
    }

    private static void AddSecurity(IServiceCollection services)
    {
        services.AddSingleton(provider => SigningKeys.LoadOrCreate(
            provider.GetRequiredService<DataFolder>().Keys,
            provider.GetRequiredService<SecurityOptions>().SigningKeyDays,
            provider.GetRequiredService<TimeProvider>().GetUtcNow()));
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<StreamTokens>();
        services.AddSingleton<AccountSecrets>();
        services.AddSingleton(provider => new SipRealm(provider.GetRequiredService<SipOptions>().Realm));
        services.AddSingleton<SignInParts>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<ChannelAccess>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer()
            .AddScheme<AuthenticationSchemeOptions, StreamAccess>(StreamAccess.SchemeName, null);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<AccessTokens>((bearer, tokens) => tokens.Configure(bearer));
        services.AddAuthorization(options =>
        {
            Roles.AddPolicies(options);
            DebugAccess.AddPolicy(options);
        });
    }

    private static void AddHttp(WebApplicationBuilder builder, HttpOptions http)
    {
        builder.Services.AddRouting();
        // Nothing of ours is protected by these keys; without this they would be written to the user's home folder.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddSingleton<ServerCertificate>();
        builder.Services.AddSingleton(new OpenConnections(http.MaxConnections > 0 ? http.MaxConnections : FileLimit.Connections(FileLimit.Current)));
        builder.Services.AddHostedService<CertificateRenewal>();
        builder.WebHost.UseKestrel();
        builder.Services.AddOptions<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>()
            .Configure<ServerCertificate, OpenConnections>((kestrel, certificate, connections) => KestrelSetup.Configure(kestrel, http, certificate, connections));
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi("v1");
        builder.Services.AddSingleton<AccountChanges>();
        builder.Services.AddSingleton<RehearsalParts>();
        builder.Services.AddSingleton<CameraImport>();
    }

    private static void AddFirstStart(IServiceCollection services)
    {
        services.AddSingleton<DemoCameras>();
        services.AddHostedService(provider => provider.GetRequiredService<DemoCameras>());
        services.AddSingleton<DemoSeeder>();
        services.AddSingleton<FirstStartParts>();
        services.AddSingleton<FirstStart>();
        services.AddSingleton(provider => new ListenerPort("demoCameras", () => provider.GetRequiredService<DemoCameras>().Port));
        services.AddSingleton<ISipCertificate, SipCertificate>();
        services.AddSingleton(provider => new ListenerPort("sipTcp", () => PortOf(provider.GetRequiredService<SipEndpoint>().TcpAddresses)));
        services.AddSingleton(provider => new ListenerPort("sipTls", () => PortOf(provider.GetRequiredService<SipEndpoint>().TlsAddresses)));
        services.AddSingleton(provider => new ListenerPort("sipUdp", () => provider.GetRequiredService<SipEndpoint>().Addresses[0].Port));
    }

    // 0: there is none.
    private static int PortOf(IReadOnlyList<System.Net.IPEndPoint> addresses) => addresses.Count > 0 ? addresses[0].Port : 0;

    private static void UsePipeline(WebApplication app)
    {
        app.UseExceptionHandler(ProblemPages.OnFault);
        app.UseStatusCodePages(ProblemPages.OnBareStatusAsync);
        SecurityHeaders.Use(app);
        if (!WebPages.Use(app, app.Services.GetRequiredService<HttpOptions>().WebRoot))
            app.Logger.LogWarning("Http:WebRoot does not exist: the web client is not served.");
        ConnectionGate.Use(app);
        app.UseWebSockets();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    private static void MapEndpoints(WebApplication app)
    {
        ApiEndpoints.Map(app);
        ServerEndpoints.Map(app);
        WhepEndpoint.Map(app);
        app.MapHub();
        Health.Map(app);
        Telemetry.Map(app);
        DebugEndpoints.Map(app);
        app.MapOrleansDashboard("/orleans").RequireAuthorization(DebugAccess.Policy).ExcludeFromDescription();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
    }
}
