using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Comms.Phones.Control;

/// <summary>Accepts what the machine trusts and, beside it, what the server's own authority has signed for that host name.</summary>
internal static class ServerTrust
{
    public static RemoteCertificateValidationCallback Check(X509Certificate2? authority) => (_, certificate, _, errors) =>
    {
        if (errors == SslPolicyErrors.None) return true;
        if (authority is null || certificate is null || errors != SslPolicyErrors.RemoteCertificateChainErrors) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var leaf = new X509Certificate2(certificate);
        return chain.Build(leaf);
    };
}
