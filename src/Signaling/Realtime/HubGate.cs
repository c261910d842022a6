using Comms.Grains.Contracts;
using Comms.Signaling.Security;
using Microsoft.AspNetCore.SignalR;

namespace Comms.Signaling.Realtime;

/// <summary>Stands before every hub method: the account must still count, the token must live, and calls come at a human rate.</summary>
public sealed class HubGate(IDirectoryIndex directory, TimeProvider time) : IHubFilter
{
    /// <summary>A page that joins all its channels at once makes some dozens of calls; nobody makes more again and again.</summary>
    private const int BurstCalls = 200;

    private const double CallsPerSecond = 50;

    private static readonly object RateKey = new();

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (invocationContext.Context.User?.Identity is not AccountIdentity identity
            || directory.FindAccount(identity.Caller.Account.Id) is not { } account
            || !Roles.Holds(account, AccountRole.Responder))
        {
            invocationContext.Context.Abort();
            throw new HubException("The account is signed out.");
        }

        var rate = (CallRate?)invocationContext.Context.Items[RateKey] ?? new CallRate(BurstCalls, time.GetUtcNow());
        invocationContext.Context.Items[RateKey] = rate = rate.Spend(time.GetUtcNow());
        if (rate.Left < 0)
        {
            invocationContext.Context.Abort();
            throw new HubException("Too many calls.");
        }

        return await next(invocationContext);
    }

    public Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        context.Context.Items[RateKey] = new CallRate(BurstCalls, time.GetUtcNow());
        return next(context);
    }

    /// <summary>A token bucket. Calls of one connection come one after the other, so nothing is shared.</summary>
    private sealed record CallRate(double Left, DateTimeOffset At)
    {
        public CallRate Spend(DateTimeOffset now) =>
            new(Math.Min(BurstCalls, Left + (now - At).TotalSeconds * CallsPerSecond) - 1, now);
    }
}
