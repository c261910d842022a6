using Comms.Signaling.Security;
using Xunit;

namespace Comms.Signaling.Tests.Security;

public sealed class SignInLimiterTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SignInLimiter _limiter = new(new SecurityOptions
    {
        SignInFailuresAllowed = 3,
        SignInDelayMaxSeconds = 60,
        SignInsPerAddressPerMinute = 20,
    });

    [Fact]
    public void The_wait_doubles_with_each_further_failure_up_to_its_bound()
    {
        DateTimeOffset now = Start;
        var waits = new List<double>();
        for (int failure = 0; failure < 12; failure++)
        {
            _limiter.Failed("wang", "192.0.2.1", now);
            double wait = _limiter.Enter("wang", "192.0.2.1", now).TotalSeconds;
            waits.Add(wait);
            now = now.AddSeconds(wait);
        }

        Assert.Equal([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60], waits);
    }

    [Fact]
    public void Failures_from_one_address_do_not_lock_the_account_out_from_another()
    {
        Fail(times: 8);

        Assert.True(_limiter.Enter("wang", "192.0.2.1", Start) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _limiter.Enter("wang", "192.0.2.2", Start));
        Assert.Equal(TimeSpan.Zero, _limiter.Enter("li", "192.0.2.1", Start));
    }

    [Fact]
    public void Success_forgets_the_failures()
    {
        Fail(times: 8);

        _limiter.Succeeded("wang", "192.0.2.1");

        Assert.Equal(TimeSpan.Zero, _limiter.Enter("wang", "192.0.2.1", Start));
    }

    [Fact]
    public void An_address_that_tries_many_accounts_must_wait_for_the_next_minute()
    {
        for (int account = 0; account < 20; account++) Assert.Equal(TimeSpan.Zero, _limiter.Enter($"a{account}", "192.0.2.1", Start.AddSeconds(10)));

        Assert.Equal(TimeSpan.FromSeconds(50), _limiter.Enter("a20", "192.0.2.1", Start.AddSeconds(20)));
        Assert.Equal(TimeSpan.Zero, _limiter.Enter("a20", "192.0.2.1", Start.AddSeconds(70)));
    }

    [Fact]
    public void Made_up_names_cannot_fill_memory()
    {
        for (int name = 0; name < 120_000; name++) _limiter.Failed($"n{name}", "192.0.2.1", Start.AddSeconds(name));

        Fail(times: 8);

        Assert.True(_limiter.Enter("wang", "192.0.2.1", Start) > TimeSpan.Zero);
    }

    private void Fail(int times)
    {
        for (int failure = 0; failure < times; failure++) _limiter.Failed("wang", "192.0.2.1", Start);
    }
}
