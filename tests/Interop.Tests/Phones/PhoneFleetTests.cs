using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Comms.Browser;
using Comms.Phones;
using Comms.Phones.Io;
using Comms.Phones.Media;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Phones;

/// <summary>The load generator's phones against a real server: the same code as ./bench voice, with 200 listeners and no figures.</summary>
public sealed class PhoneFleetTests(DemoCity city) : IClassFixture<DemoCity>
{
    private const int Phones = 200;
    private const int TcpPhones = 140;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Two_hundred_phones_hear_every_frame_that_one_of_them_says()
    {
        using var fleet = await EnterAsync(Phones);
        var talk = new Conversation(fleet, Clip(), channel: 0, seed: 7);
        await talk.SayAsync(talk.Member(1), 25, isLast: false);
        await talk.SayAsync(talk.Member(150), 60, isLast: false);
        await talk.SayAsync(talk.Member(33), 60, isLast: true);

        FleetCount count = await fleet.CountAsync();
        Assert.Equal(Phones, fleet.Heard);
        Assert.Equal((0, 0, 0), (count.Lost, count.Wrong, talk.Missing));
        Assert.Equal(talk.Received, count.Packets);
        Assert.Equal("", talk.TakenFault);
        Assert.Empty(await fleet.FindUnheardAsync(talk.Last!));
        Assert.Equal((0, 0), (fleet.Failed, (int)fleet.Strays));
    }

    [Fact]
    public async Task A_burst_that_the_server_never_got_is_missed_by_every_listener()
    {
        using var fleet = await EnterAsync(20);
        var talk = new Conversation(fleet, Clip(), channel: 0, seed: 7);
        await talk.SayAsync(talk.Member(1), 25, isLast: true);
        Burst unsaid = fleet.PlanBurst(talk.Member(2), Clip(), 0, 25);

        BurstCount count = await fleet.CountAsync(unsaid);

        Assert.False(count.IsWhole);
        Assert.Equal(19, (await fleet.FindUnheardAsync(unsaid)).Count);
    }

    [Fact]
    public async Task Presses_at_the_same_moment_yield_one_grant()
    {
        using var fleet = await EnterAsync(60);

        var replies = await Task.WhenAll(Enumerable.Range(0, 60).Select(fleet.PressAsync)).WaitAsync(Patience);

        Assert.Single(replies, reply => reply.IsGranted);
        Assert.All(replies.Where(reply => !reply.IsGranted), reply => Assert.Equal("anotherHasPermission", reply.Cause));
    }

    private static Speech Clip()
    {
        float[] samples = BandFilter.Resample(SpeechClips.Read(SpeechClips.Dispatcher), 16_000, 50, 7_600);
        return Speech.Encode(Array.ConvertAll(samples, sample => (short)(sample * 32_000)));
    }

    /// <summary>Phones of a rehearsal of their own, in their channel; the last ones over HTTP/2.</summary>
    private async Task<PhoneFleet> EnterAsync(int phones)
    {
        using HttpClient admin = await city.SignInByApiAsync(city.Administrator);
        using var answer = await admin.PostAsJsonAsync("/api/v1/rehearsals", new { name = "phones", phones, channels = 1, minutes = 10 });
        var body = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        PhoneAccount[] accounts = body.GetProperty("phones").Deserialize<PhoneAccount[]>(JsonSerializerOptions.Web)!;
        var fleet = new PhoneFleet(
            new FleetOptions
            {
                Http = Endpoint.Of(new IPEndPoint(IPAddress.Loopback, city.Server.Ready.HttpPort)),
                Https = Endpoint.Of(new IPEndPoint(IPAddress.Loopback, city.Server.Ready.HttpsPort)),
                Authority = X509CertificateLoader.LoadCertificate(await admin.GetByteArrayAsync("/ca.crt")),
                TcpPhonesMax = TcpPhones,
                ComparedOneIn = 10,
            },
            accounts);
        fleet.Connect();
        await WaitAsync(() => fleet.Greeted, fleet);
        fleet.OpenVoice();
        await WaitAsync(() => fleet.Joined, fleet);
        return fleet;
    }

    private static async Task WaitAsync(Func<int> count, PhoneFleet fleet)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(Patience);
        while (count() < fleet.PhoneCount)
        {
            Assert.True(fleet.Failed == 0, fleet.Fault);
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
