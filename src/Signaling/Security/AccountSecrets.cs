using System.Security.Cryptography;
using System.Text;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Security;

/// <summary>Makes the stored verifiers of a password: its hash for HTTP and its HA1 values for SIP.</summary>
public sealed class AccountSecrets(SecurityOptions options, SipRealm realm)
{
    /// <summary>RFC 7616 §3.4.2: HA1 = H(username ":" realm ":" password). The user name is the account id.</summary>
    public AccountSecret Create(string accountId, string password)
    {
        byte[] text = Encoding.UTF8.GetBytes($"{accountId}:{realm.Value}:{password}");
        return new AccountSecret(
            PasswordHash.Create(password, options.PasswordIterations),
            Convert.ToHexStringLower(MD5.HashData(text)),
            Convert.ToHexStringLower(SHA256.HashData(text)));
    }
}

/// <summary>The digest realm that HA1 values are bound to; changing it makes every SIP password unknown.</summary>
public sealed record SipRealm(string Value);
