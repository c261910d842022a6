using System.Net;
using System.Net.Sockets;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Impairment;

public sealed class UdpImpairmentRelayTests : IDisposable
{
    private static readonly IPAddress Front = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress Back = IPAddress.Parse("127.0.0.2");

    private readonly UdpImpairmentRelay _relay = UdpImpairmentRelay.Start(Front, Back, seed: 1);
    private readonly UdpClient _server;

    public UdpImpairmentRelayTests() => _server = new UdpClient(new IPEndPoint(Back, _relay.Address.Port));

    [Fact]
    public async Task Each_client_has_its_own_address_at_the_server_and_gets_its_own_answers()
    {
        using var first = new UdpClient(new IPEndPoint(Front, 0));
        using var second = new UdpClient(new IPEndPoint(Front, 0));
        await first.SendAsync(new byte[] { 1 }, _relay.Address);
        var fromFirst = await ReceiveAsync(_server);
        await second.SendAsync(new byte[] { 2 }, _relay.Address);
        var fromSecond = await ReceiveAsync(_server);
        Assert.NotEqual(fromFirst.RemoteEndPoint, fromSecond.RemoteEndPoint);

        await _server.SendAsync(new byte[] { 20 }, fromSecond.RemoteEndPoint);
        await _server.SendAsync(new byte[] { 10 }, fromFirst.RemoteEndPoint);
        Assert.Equal([10], (await ReceiveAsync(first)).Buffer);
        Assert.Equal([20], (await ReceiveAsync(second)).Buffer);
        Assert.Equal((4, 0), (_relay.Passed, _relay.Lost));
    }

    [Fact]
    public async Task Every_packet_twice_arrives_twice_and_a_dead_link_passes_nothing()
    {
        using var client = new UdpClient(new IPEndPoint(Front, 0));
        _relay.Link = new Support.Impairment { Duplicate = 1 };
        await client.SendAsync(new byte[] { 7 }, _relay.Address);
        Assert.Equal([7], (await ReceiveAsync(_server)).Buffer);
        Assert.Equal([7], (await ReceiveAsync(_server)).Buffer);

        _relay.Link = new Support.Impairment { Loss = 1 };
        await client.SendAsync(new byte[] { 8 }, _relay.Address);
        await Eventually.TrueAsync(() => _relay.Lost == 1, "the packet is lost");
        _relay.Link = Support.Impairment.None;
        await client.SendAsync(new byte[] { 9 }, _relay.Address);
        Assert.Equal([9], (await ReceiveAsync(_server)).Buffer);
    }

    public void Dispose()
    {
        _relay.Dispose();
        _server.Dispose();
    }

    private static async Task<UdpReceiveResult> ReceiveAsync(UdpClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await client.ReceiveAsync(limit.Token);
    }
}
