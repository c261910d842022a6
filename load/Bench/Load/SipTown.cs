using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Comms.Phones.Io;
using Comms.Phones.Sip;

namespace Comms.Bench.Load;

/// <summary>The accounts, units and channels that a SIP bench needs in the server, made through its API.</summary>
internal sealed class SipTown(LoadServer server)
{
    private const int AtOnce = 16;
    private const int FirstNumber = 60_000;
    private const string Password = "bench-Pass-7";

    /// <summary>Each simulated phone has its own address from here on.</summary>
    public static uint FirstAddress => Endpoint.Of(new IPEndPoint(IPAddress.Parse("127.32.0.1"), 0)).Address;

    public static uint Loopback => Endpoint.Of(new IPEndPoint(IPAddress.Loopback, 0)).Address;

    /// <summary>Settings that a bench of so many phones on one machine needs.</summary>
    public static Dictionary<string, string> Settings(int calls) => new()
    {
        ["Sip:MaxCalls"] = $"{calls + 100}",
        ["Media:RtpPortMin"] = "30000",
        ["Media:RtpPortMax"] = "59999",
        ["Media:MaxSessions"] = "30000",
    };

    public Endpoint Sip => new(Loopback, (ushort)server.SipPort);

    /// <summary>Accounts; with channels each has a unit that may talk there, and calls the number of its own channel.</summary>
    public async Task<IReadOnlyList<SipLogin>> BuildAsync(int accounts, int channels)
    {
        string town = (await server.GetAsync("/api/v1/towns")).EnumerateArray().First().GetProperty("id").GetString()!;
        for (int channel = 0; channel < channels; channel++)
        {
            await server.PutAsync($"/api/v1/channels/bench-{channel}", new
            {
                nameZh = "压测", nameEn = "Bench", number = $"{FirstNumber + channel}", kind = "service", townId = town, talkLimitSeconds = 0, defaultRight = "talk",
            });
        }

        await Parallel.ForEachAsync(Enumerable.Range(0, accounts), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (at, _) =>
        {
            if (channels > 0)
                await server.PutAsync($"/api/v1/units/bench-{at}", new { callSign = $"B-{at}", nameZh = "压测", nameEn = "Bench", service = "grid", townId = town });
            await server.PutAsync($"/api/v1/accounts/bench-{at}", new { displayName = "Bench", role = "gateway", unitId = channels > 0 ? $"bench-{at}" : "", password = Password });
        });
        return [.. Enumerable.Range(0, accounts).Select(at => new SipLogin($"bench-{at}", Password, channels > 0 ? $"{FirstNumber + at % channels}" : ""))];
    }
}
