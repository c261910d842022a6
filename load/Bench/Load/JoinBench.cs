using Comms.Phones;

namespace Comms.Bench.Load;

/// <summary>./bench join: how fast phones come in, and what one of them costs.</summary>
internal static class JoinBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        int phones = Argument.Number(arguments, "--phones", 5_000);
        await using var server = await LoadServer.StartAsync(arguments);
        var accounts = await server.RehearseAsync("join", phones, 1, 60);
        using var crowd = new Crowd(server, new PhoneFleet(server.FleetOptions(arguments), accounts));
        double ownCpu = Environment.CpuUsage.TotalTime.TotalSeconds;
        await crowd.EnterAsync();
        var metrics = await server.ReadMetricsAsync();
        if (metrics.HandshakesDone < phones) throw new LoadFault($"The server counts {metrics.HandshakesDone} handshakes for {phones} phones.");
        ownCpu = Environment.CpuUsage.TotalTime.TotalSeconds - ownCpu;
        Figures.PrintJson(new
        {
            phones,
            joined = crowd.Fleet.Joined,
            control = new { tcp = crowd.Fleet.TcpCount, h2 = crowd.Fleet.H2Count },
            hub_seconds = Figures.Round(crowd.GreetSeconds),
            voice_seconds = Figures.Round(crowd.VoiceSeconds),
            handshakes_per_second = Figures.Round(phones / crowd.VoiceSeconds),
            server_cpu_ms_per_hub_connection = Figures.Round((crowd.Greeted.CpuSeconds - crowd.Before.CpuSeconds) * 1000 / phones),
            server_cpu_ms_per_handshake = Figures.Round((crowd.Joined.CpuSeconds - crowd.Greeted.CpuSeconds) * 1000 / phones),
            media_loop_cpu_ms_per_handshake = Figures.Round(metrics.LoopCpuSeconds * 1000 / phones),
            generator_cpu_ms_per_phone = Figures.Round(ownCpu * 1000 / phones),
            control_kb_per_phone = Figures.Round(crowd.Fleet.ControlBytes / 1024.0 / phones),
            kb_per_hub_connection = Figures.Round((crowd.Greeted.RssMb - crowd.Before.RssMb) * 1024 / phones),
            kb_per_voice_session = Figures.Round((crowd.Joined.RssMb - crowd.Greeted.RssMb) * 1024 / phones),
            server_rss_mb = Figures.Round(crowd.Joined.RssMb),
        });
        return 0;
    }
}
