using System.Collections.Concurrent;
using System.Globalization;
using Comms.Grains.Contracts;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Keeps us registered at the trunks that ask for it: refreshes in time, tries again after a failure, and signs off when the
/// trunk is removed. RFC 3261 §10.2. Calls that come from there speak for the trunk's unit. Runs with the host.
/// </summary>
public sealed partial class TrunkKeeper(ISipCalls sip, IDirectoryIndex index, IGrainFactory grains, TimeProvider time, ILogger<TrunkKeeper> log)
    : BackgroundService
{
    private const int WantedSeconds = 600;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Registration> _registrations = new();

    /// <summary>How a trunk stands: the status of the newest REGISTER, 0 before its answer; null for one that does not register.</summary>
    public int? StatusOf(string trunkId) => _registrations.TryGetValue(trunkId, out var registration) ? registration.Status : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            await index.Ready.WaitAsync(stoppingToken).ConfigureAwait(false);
            do
            {
                Look(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The host stops: bindings run out by themselves.
        }
    }

    private void Look(CancellationToken stopping)
    {
        var wanted = index.DialPlan.Trunks.Where(trunk => trunk.Registers).ToDictionary(trunk => trunk.Id);
        foreach (var (id, registration) in _registrations)
        {
            if (!wanted.TryGetValue(id, out var trunk) || trunk != registration.Trunk)
            {
                _registrations.TryRemove(id, out _);
                sip.TrustContact(registration.Contact, null);
                _ = RegisterAsync(registration, 0, stopping);
            }
        }

        var now = time.GetUtcNow();
        foreach (var trunk in wanted.Values)
        {
            if (!_registrations.TryGetValue(trunk.Id, out var registration))
            {
                registration = _registrations[trunk.Id] = new Registration(trunk);
                sip.TrustContact(registration.Contact, new SipAccount(trunk.Id, trunk.UnitId, IsDisabled: false, new DigestVerifiers(null, null)));
            }

            if (registration.DueAt <= now && !registration.IsBusy)
            {
                registration.IsBusy = true;
                _ = RegisterAsync(registration, WantedSeconds, stopping);
            }
        }
    }

    private async Task RegisterAsync(Registration registration, int seconds, CancellationToken stopping)
    {
        try
        {
            var answer = await AskAsync(registration, seconds, stopping).ConfigureAwait(false);
            if (answer.Status != registration.Status)
            {
                LogTrunk(registration.Trunk.Id, answer.Status);
            }

            registration.Status = answer.Status;
            registration.CSeq = answer.CSeq + 1;
            registration.DueAt = time.GetUtcNow() + (answer.Status == SipStatus.Ok ? RefreshAfter(answer.Headers) : RetryAfter);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(fault, registration.Trunk.Id);
            registration.DueAt = time.GetUtcNow() + RetryAfter;
        }

        registration.IsBusy = false;
    }

    private async Task<OutgoingAnswer> AskAsync(Registration registration, int seconds, CancellationToken stopping)
    {
        var trunk = registration.Trunk;
        if (!SipUri.TryParse(trunk.Uri, out var uri) || await sip.FindRouteAsync(uri, stopping).ConfigureAwait(false) is not { } route)
        {
            return new OutgoingAnswer(SipStatus.ServiceUnavailable, new SipHeaders(), registration.CSeq);
        }

        var password = await grains.GetGrain<IDialPlanGrain>(DialPlan.Key).GetTrunkPassword(trunk.Id).ConfigureAwait(false);
        var own = new NameAddr(SipUri.Sip(trunk.UserName, trunk.Domain.Length > 0 ? trunk.Domain : uri.Host));
        return await sip.RequestAsync(new OutgoingRequest
        {
            Method = SipMethods.Register,
            Route = route,
            From = own,
            To = own,
            Headers =
            [
                new(SipHeaderNames.Contact, SipCapabilities.ContactOf(route.Flow, registration.Contact)),
                new(SipHeaderNames.Expires, seconds.ToString(CultureInfo.InvariantCulture)),
            ],
            Credentials = new ClientCredentials(trunk.UserName, password),
            CallId = registration.CallId,
            CSeq = registration.CSeq,
        }).ConfigureAwait(false);
    }

    // What the registrar gave, less a tenth, so that it never runs out.
    private static TimeSpan RefreshAfter(SipHeaders headers)
    {
        uint given = WantedSeconds;
        foreach (var contact in headers.List(SipHeaderNames.Contact))
        {
            if (NameAddr.TryParse(contact, out var address) && SipText.TryParseNumber(address.Parameters["expires"] ?? "", 86_400, out var own))
            {
                given = Math.Min(given, own);
            }
        }

        if (SipText.TryParseNumber(headers.First(SipHeaderNames.Expires) ?? "", 86_400, out var all))
        {
            given = Math.Min(given, all);
        }

        return TimeSpan.FromSeconds(Math.Max(5, given * 0.9));
    }

    [LoggerMessage(4121, LogLevel.Information, "Trunk {TrunkId} answers our registration with {Status}")]
    private partial void LogTrunk(string trunkId, int status);

    [LoggerMessage(4122, LogLevel.Error, "Registering at trunk {TrunkId} failed")]
    private partial void LogFault(Exception fault, string trunkId);

    private sealed class Registration(TrunkDefinition trunk)
    {
        public TrunkDefinition Trunk => trunk;

        /// <summary>The user part that the trunk calls us by: only it knows it.</summary>
        public string Contact { get; } = SipIdentifier.NewCallId();

        public string CallId { get; } = SipIdentifier.NewCallId();

        public uint CSeq { get; set; } = 1;

        public int Status { get; set; }

        public DateTimeOffset DueAt { get; set; } = DateTimeOffset.MinValue;

        public volatile bool IsBusy;
    }
}
