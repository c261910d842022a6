using System.Net;
using System.Security.Cryptography.X509Certificates;
using Comms.Signaling.Hosting;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

public sealed class LocalCertificateAuthorityTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertificateNames Home = new(["localhost", "city"], [IPAddress.Loopback, IPAddress.Parse("192.0.2.7")]);
    private static readonly CertificateNames Moved = new(["localhost", "city"], [IPAddress.Loopback, IPAddress.Parse("192.0.2.8")]);

    private readonly string _folder = Directory.CreateTempSubdirectory("comms-ca-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_server_certificate_is_signed_by_the_authority_for_every_name_and_address()
    {
        using var authority = LocalCertificateAuthority.LoadOrCreate(_folder, "city", Start);
        using X509Certificate2 server = authority.LoadOrCreateServer(Home, Start);
        using X509Certificate2 root = X509CertificateLoader.LoadCertificate(authority.CertificateDer);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = Start.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));

        Assert.True(chain.Build(server), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));
        Assert.True(Home.AreCoveredBy(server));
        Assert.False(Moved.AreCoveredBy(server));
        Assert.True(server.NotAfter - server.NotBefore < TimeSpan.FromDays(825));
        Assert.True(server.MatchesHostname("192.0.2.7"));
    }

    [Fact]
    public void A_second_start_keeps_both_and_another_address_makes_only_the_server_certificate_anew()
    {
        (byte[] root, string first) = Load(Home, Start);
        (byte[] sameRoot, string second) = Load(Home, Start.AddDays(10));
        (byte[] stillSameRoot, string moved) = Load(Moved, Start.AddDays(10));

        Assert.Equal(root, sameRoot);
        Assert.Equal(root, stillSameRoot);
        Assert.Equal(first, second);
        Assert.NotEqual(first, moved);
    }

    [Fact]
    public void A_certificate_near_its_end_is_made_anew()
    {
        (_, string first) = Load(Home, Start);
        (_, string late) = Load(Home, Start.AddDays(360));

        Assert.NotEqual(first, late);
    }

    [Fact]
    public void Keys_are_readable_by_their_owner_only()
    {
        Load(Home, Start);

        foreach (string key in (string[])["ca.key", "server.key"])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, key)));
    }

    [Fact]
    public void A_damaged_file_is_replaced()
    {
        (_, string first) = Load(Home, Start);
        File.WriteAllText(Path.Combine(_folder, "server.pem"), "damaged");

        (_, string second) = Load(Home, Start);

        Assert.NotEqual(first, second);
    }

    private (byte[] Root, string Server) Load(CertificateNames names, DateTimeOffset now)
    {
        using var authority = LocalCertificateAuthority.LoadOrCreate(_folder, "city", now);
        using X509Certificate2 server = authority.LoadOrCreateServer(names, now);
        return (authority.CertificateDer, server.Thumbprint);
    }
}
