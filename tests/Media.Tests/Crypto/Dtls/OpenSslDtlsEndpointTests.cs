using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Numbers;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Crypto.Dtls;

/// <summary>Handshakes between two of our endpoints over a link that a test spoils.</summary>
public sealed class OpenSslDtlsEndpointTests
{
    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1_80, SrtpProfile.Aes128CmHmacSha1_80)]
    [InlineData(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1_80, SrtpProfile.AeadAes128Gcm)]
    public void Both_sides_get_each_others_keys_and_the_server_prefers_GCM(SrtpProfile expected, params SrtpProfile[] offered)
    {
        using var pair = new DtlsPair(clientProfiles: offered);
        pair.Exchange();
        AssertConnected(pair);
        Assert.Equal(expected, pair.Server.Keys!.Profile);
        Assert.Equal(expected.SaltBytes, pair.Server.Keys.Local.Salt.Length);
        Assert.NotEqual(pair.Server.Keys.Local.Key, pair.Server.Keys.Remote.Key);
        Assert.Equal(Instant.Never, pair.Server.NextDeadline);
    }

    [Fact]
    public void Keys_protect_a_packet_from_one_side_to_the_other()
    {
        using var pair = new DtlsPair();
        pair.Exchange();
        using var sender = new SrtpSender(pair.Client.Keys!.Local);
        using var receiver = new SrtpReceiver(pair.Server.Keys!.Remote);
        byte[] packet = new byte[100];
        packet[0] = 0x80;
        Assert.True(sender.TryProtect(packet, 50, out int length));
        Assert.Equal(SrtpError.None, receiver.Unprotect(packet.AsSpan(0, length), out _));
    }

    [Fact]
    public void No_datagram_is_longer_than_the_MTU()
    {
        using var pair = new DtlsPair();
        for (int round = 0; round < 5; round++)
        {
            var fromClient = pair.Take(pair.Client);
            pair.Give(pair.Server, fromClient);
            var fromServer = pair.Take(pair.Server);
            pair.Give(pair.Client, fromServer);
            Assert.All(fromClient.Concat(fromServer), datagram => Assert.InRange(datagram.Length, 13, DtlsLimits.MtuBytes));
        }

        AssertConnected(pair);
    }

    [Fact]
    public void A_lost_client_hello_is_sent_again()
    {
        using var pair = new DtlsPair();
        _ = pair.Take(pair.Client);
        pair.Give(pair.Server, pair.AwaitRetransmission(pair.Client));
        pair.Exchange();
        AssertConnected(pair);
    }

    [Fact]
    public void A_lost_server_flight_is_sent_again_after_200_ms()
    {
        using var pair = new DtlsPair();
        pair.Give(pair.Server, pair.Take(pair.Client));
        Assert.NotEmpty(pair.Take(pair.Server));
        Assert.InRange(pair.Server.NextDeadline.MsSince(pair.Now), 100, 200);
        pair.Give(pair.Client, pair.AwaitRetransmission(pair.Server));
        pair.Exchange();
        AssertConnected(pair);
    }

    [Fact]
    public void A_lost_last_flight_is_repeated_when_the_client_repeats_its_Finished()
    {
        using var pair = new DtlsPair();
        pair.Give(pair.Server, pair.Take(pair.Client));
        pair.Give(pair.Client, pair.Take(pair.Server));
        pair.Give(pair.Server, pair.Take(pair.Client));
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        var lost = pair.Take(pair.Server);
        Assert.Equal(DtlsState.Handshaking, pair.Client.State);

        pair.Now = pair.Now.AddMs(1000);
        pair.Give(pair.Server, pair.AwaitRetransmission(pair.Client));
        var repeated = pair.Take(pair.Server);
        Assert.Equal(lost, repeated);
        pair.Give(pair.Client, repeated);
        AssertConnected(pair);
    }

    [Fact]
    public void The_last_flight_is_not_repeated_for_anything_else()
    {
        using var pair = new DtlsPair();
        pair.Exchange();
        pair.Now = pair.Now.AddMs(1000);
        byte[] alert = [21, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 5, 0, 2, 1, 0];
        byte[] hello = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 5, 0, 2, 1, 0];
        pair.Give(pair.Server, [alert, hello, [22], []]);
        Assert.Empty(pair.Take(pair.Server));
    }

    [Fact]
    public void A_client_with_another_certificate_is_refused()
    {
        using var pair = new DtlsPair(clientFingerprint: DtlsPair.ServerContext.Identity.Fingerprint);
        pair.Exchange();
        Assert.Equal(DtlsState.Failed, pair.Server.State);
        Assert.Equal(DtlsFailure.WrongFingerprint, pair.Server.Failure);
        Assert.Null(pair.Server.Keys);
        Assert.NotEqual(DtlsState.Connected, pair.Client.State);
    }

    [Fact]
    public void A_server_with_another_certificate_is_refused_by_the_client()
    {
        using var pair = new DtlsPair(serverFingerprint: DtlsPair.ClientContext.Identity.Fingerprint);
        pair.Exchange();
        Assert.Equal(DtlsFailure.WrongFingerprint, pair.Client.Failure);
        Assert.NotEqual(DtlsState.Connected, pair.Server.State);
    }

    [Theory]
    [InlineData("sha-1")]
    [InlineData("SHA-384")]
    [InlineData("sha-512")]
    public void Other_hash_functions_of_RFC_8122_are_checked_too(string algorithm)
    {
        byte[] der = DtlsPair.ClientContext.Identity.CertificateDer;
        byte[] hash = algorithm switch
        {
            "sha-1" => System.Security.Cryptography.SHA1.HashData(der),
            "SHA-384" => System.Security.Cryptography.SHA384.HashData(der),
            _ => System.Security.Cryptography.SHA512.HashData(der),
        };
        using var right = new DtlsPair(clientFingerprint: new DtlsFingerprint(algorithm, hash));
        right.Exchange();
        AssertConnected(right);
        hash[0] ^= 1;
        using var wrong = new DtlsPair(clientFingerprint: new DtlsFingerprint(algorithm, hash));
        wrong.Exchange();
        Assert.Equal(DtlsFailure.WrongFingerprint, wrong.Server.Failure);
    }

    [Fact]
    public void An_unknown_hash_function_matches_nothing()
    {
        var unknown = new DtlsFingerprint("md5", new byte[16]);
        Assert.False(unknown.IsSupported);
        using var pair = new DtlsPair(clientFingerprint: unknown);
        pair.Exchange();
        Assert.Equal(DtlsFailure.WrongFingerprint, pair.Server.Failure);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_client_hello_in_two_datagrams_is_put_together(bool secondFirst)
    {
        using var pair = new DtlsPair();
        byte[][] parts = DtlsRecords.SplitHandshake(pair.Take(pair.Client).Single(), firstFragmentBytes: 100);
        pair.Give(pair.Server, secondFirst ? parts.Reverse() : parts);
        pair.Exchange();
        AssertConnected(pair);
    }

    [Fact]
    public void Garbage_before_and_during_the_handshake_changes_nothing()
    {
        using var pair = new DtlsPair();
        var random = new SeededRandom(6347);
        pair.Give(pair.Server, Garbage(ref random));
        var hello = pair.Take(pair.Client);
        pair.Give(pair.Server, hello);
        pair.Give(pair.Server, Garbage(ref random));
        pair.Give(pair.Client, Garbage(ref random));
        pair.Exchange();
        AssertConnected(pair);
        pair.Give(pair.Server, Garbage(ref random));
        Assert.Empty(pair.Take(pair.Server));
    }

    [Fact]
    public void Datagrams_received_twice_change_nothing()
    {
        using var pair = new DtlsPair();
        for (int round = 0; round < 5; round++)
        {
            var fromClient = pair.Take(pair.Client);
            pair.Give(pair.Server, fromClient.SelectMany(datagram => new[] { datagram, datagram }));
            var fromServer = pair.Take(pair.Server);
            pair.Give(pair.Client, fromServer.SelectMany(datagram => new[] { datagram, datagram }));
        }

        AssertConnected(pair);
    }

    [Fact]
    public void A_peer_that_closes_during_the_handshake_has_gone()
    {
        using var pair = new DtlsPair();
        pair.Give(pair.Server, pair.Take(pair.Client));
        byte[] closeNotify = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 40, 0, 2, 1, 0];
        pair.Give(pair.Server, [closeNotify]);
        Assert.Equal(DtlsState.Failed, pair.Server.State);
        Assert.Equal(DtlsFailure.ClosedByPeer, pair.Server.Failure);
    }

    [Fact]
    public void A_disposed_endpoint_ignores_everything()
    {
        var pair = new DtlsPair();
        var hello = pair.Take(pair.Client);
        pair.Dispose();
        pair.Give(pair.Server, hello);
        pair.Server.HandleTimeout(pair.Now);
        Assert.Empty(pair.Take(pair.Server));
        pair.Dispose();
    }

    [Fact]
    public void A_handshake_that_never_ends_fails_after_its_limit()
    {
        using var pair = new DtlsPair();
        pair.Give(pair.Server, pair.Take(pair.Client));
        pair.Server.HandleTimeout(pair.Now.AddMs(DtlsLimits.HandshakeMs - 1));
        Assert.Equal(DtlsState.Handshaking, pair.Server.State);
        pair.Server.HandleTimeout(pair.Now.AddMs(DtlsLimits.HandshakeMs));
        Assert.Equal(DtlsFailure.TimedOut, pair.Server.Failure);
    }

    [Fact]
    public void Mutated_handshake_datagrams_never_throw()
    {
        byte[][] corpus = RecordHandshake();
        var server = DtlsPair.ServerContext.CreateEndpoint(DtlsRole.Server, DtlsPair.ClientContext.Identity.Fingerprint, default);
        byte[] buffer = new byte[2048];
        Fuzz.Run(corpus, 6347, input =>
        {
            if (server.State != DtlsState.Handshaking)
            {
                server.Dispose();
                server = DtlsPair.ServerContext.CreateEndpoint(DtlsRole.Server, DtlsPair.ClientContext.Identity.Fingerprint, default);
            }

            server.HandleDatagram(input, default);
            while (server.TryPollTransmit(buffer, out _))
            {
            }
        });
        server.Dispose();
    }

    private static byte[][] RecordHandshake()
    {
        using var pair = new DtlsPair();
        var recorded = new List<byte[]>();
        for (int round = 0; round < 5; round++)
        {
            var fromClient = pair.Take(pair.Client);
            recorded.AddRange(fromClient);
            pair.Give(pair.Server, fromClient);
            pair.Give(pair.Client, pair.Take(pair.Server));
        }

        return [.. recorded];
    }

    private static List<byte[]> Garbage(ref SeededRandom random)
    {
        var datagrams = new List<byte[]>();
        for (int i = 0; i < 50; i++)
        {
            byte[] datagram = new byte[1 + random.Next(300)];
            for (int at = 0; at < datagram.Length; at++) datagram[at] = random.NextByte();
            datagram[0] = (byte)(20 + random.Next(44));
            datagrams.Add(datagram);
        }

        return datagrams;
    }

    private static void AssertConnected(DtlsPair pair)
    {
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.Equal(pair.Server.Keys!.Local.Key, pair.Client.Keys!.Remote.Key);
        Assert.Equal(pair.Server.Keys.Local.Salt, pair.Client.Keys.Remote.Salt);
        Assert.Equal(pair.Server.Keys.Remote.Key, pair.Client.Keys.Local.Key);
        Assert.Equal(pair.Server.Keys.Remote.Salt, pair.Client.Keys.Local.Salt);
    }
}
