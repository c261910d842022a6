using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Signaling.Bridges;
using Comms.Signaling.Hosting;
using Comms.Signaling.Security;
using Comms.Signaling.WebRtc;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Comms.Signaling.Tests.WebRtc;

/// <summary>The WHEP endpoints alone on a free loopback port; the token is the account's id, "Bearer alice".</summary>
internal sealed class WhepServer : IAsyncDisposable
{
    private static readonly DirectoryInfo Keys = Directory.CreateTempSubdirectory("comms-keys-");

    private readonly WebApplication _app;

    private WhepServer(WebApplication app, RecordingMediaNode node, RecordingCameras cameras)
    {
        _app = app;
        Node = node;
        Cameras = cameras;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public RecordingMediaNode Node { get; }

    public RecordingCameras Cameras { get; }

    public HttpClient Client { get; }

    public StreamTokens Tokens => _app.Services.GetRequiredService<StreamTokens>();

    public WhepSessions Sessions => _app.Services.GetRequiredService<WhepSessions>();

    public static async Task<WhepServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var node = new RecordingMediaNode();
        var cameras = new RecordingCameras();
        builder.Services.AddSingleton<IMediaNode>(node);
        builder.Services.AddSingleton<IMediaEvents>(node);
        builder.Services.AddSingleton<ICameraBridge>(cameras);
        builder.Services.AddSingleton<IDirectoryIndex>(new OneCameraDirectory("cam-1"));
        builder.Services.AddSingleton(new HttpOptions { IceServers = "stun:stun.example:3478, turn:turn.example:3478?transport=tcp", TurnSecret = "secret" });
        builder.Services.AddWebRtc();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(SigningKeys.LoadOrCreate(Keys.FullName, 90, DateTimeOffset.UtcNow));
        builder.Services.AddSingleton<StreamTokens>();
        builder.Services.AddRouting();
        builder.Services.AddAuthentication("Bearer").AddScheme<AuthenticationSchemeOptions, AccountIdIsToken>("Bearer", null)
            .AddScheme<AuthenticationSchemeOptions, StreamAccess>(StreamAccess.SchemeName, null);
        builder.Services.AddAuthorization(Roles.AddPolicies);
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        WhepEndpoint.Map(app);
        await app.StartAsync();
        return new WhepServer(app, node, cameras);
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string type = "application/sdp", string? token = "dispatcher", string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, new MediaTypeHeaderValue(type));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Takes the token for the account's id; ids that begin with "responder" have that role.</summary>
    private sealed class AccountIdIsToken(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            string header = Request.Headers.Authorization.ToString();
            if (!header.StartsWith("Bearer ", StringComparison.Ordinal)) return Task.FromResult(AuthenticateResult.NoResult());
            string id = header["Bearer ".Length..];
            if (id.Contains('.', StringComparison.Ordinal)) return Task.FromResult(AuthenticateResult.NoResult());
            var role = id.StartsWith("responder", StringComparison.Ordinal) ? AccountRole.Responder : AccountRole.Dispatcher;
            var identity = new AccountIdentity(new Caller(new AccountDefinition(id, id, role, "unit-" + id)), DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), "Bearer")));
        }
    }
}
