using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Comms.Media.Crypto.OpenSsl;
using Comms.Media.Numbers;

namespace Comms.Media.Crypto.Dtls;

/// <summary>What all DTLS endpoints of a node share: certificate, ciphers, options. Made once; endpoints may be made on any thread.</summary>
public sealed unsafe class OpenSslDtlsContext : SafeHandle
{
    /// <summary>RFC 8827 §6.5 demands the first; the others are what older peers offer. No RSA key exchange, no CBC.</summary>
    private const string Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384";

    public OpenSslDtlsContext(DtlsIdentity identity)
        : base(0, ownsHandle: true)
    {
        Identity = identity;
        SetHandle(LibSsl.SSL_CTX_new(LibSsl.DTLS_method()));
        if (IsInvalid) throw new PlatformNotSupportedException("OpenSSL 3 offers no DTLS.");
        LibSsl.SSL_CTX_set_options(handle, LibSsl.OptionNoQueryMtu | LibSsl.OptionNoTicket | LibSsl.OptionNoRenegotiation);
        _ = LibSsl.SSL_CTX_ctrl(handle, LibSsl.ControlSetSessionCacheMode, 0, null);
        Require(LibSsl.SSL_CTX_ctrl(handle, LibSsl.ControlSetMinProtocol, LibSsl.Dtls12Version, null), "DTLS 1.2");
        Require(LibSsl.SSL_CTX_set_cipher_list(handle, Ciphers), "the cipher list");
        fixed (byte* groups = "X25519:P-256:P-384\0"u8) Require(LibSsl.SSL_CTX_ctrl(handle, LibSsl.ControlSetGroupsList, 0, groups), "the groups");
        UseCertificate(identity);
        LibSsl.SSL_CTX_set_verify(handle, LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCertificate, 0);
        LibSsl.SSL_CTX_set_cert_verify_callback(handle, &Verify, 0);
    }

    public override bool IsInvalid => handle == 0;

    public DtlsIdentity Identity { get; }

    /// <summary>
    /// Makes an endpoint that accepts only a certificate of this fingerprint. A client's first flight is ready to be polled at once.
    /// <paramref name="profiles"/> in order of preference; both, AEAD first, when null.
    /// </summary>
    public IDtlsEndpoint CreateEndpoint(DtlsRole role, DtlsFingerprint expected, Instant now, IReadOnlyList<SrtpProfile>? profiles = null) =>
        new OpenSslDtlsEndpoint(handle, role, expected, profiles ?? [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1_80], now);

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        return true;
    }

    private void UseCertificate(DtlsIdentity identity)
    {
        fixed (byte* certificate = identity.CertificateDer, key = identity.PrivateKeyDer)
        {
            Require(LibSsl.SSL_CTX_use_certificate_ASN1(handle, identity.CertificateDer.Length, certificate), "the certificate");
            byte* next = key;
            nint parsed = LibSsl.d2i_AutoPrivateKey(0, &next, identity.PrivateKeyDer.Length);
            Require(parsed != 0 ? LibSsl.SSL_CTX_use_PrivateKey(handle, parsed) : 0, "the private key");
            LibSsl.EVP_PKEY_free(parsed);
        }
    }

    // Takes the place of chain verification: a WebRTC certificate is self-signed and named by its fingerprint alone.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Verify(nint store, nint argument)
    {
        nint ssl = LibSsl.X509_STORE_CTX_get_ex_data(store, LibSsl.SSL_get_ex_data_X509_STORE_CTX_idx());
        nint certificate = LibSsl.X509_STORE_CTX_get0_cert(store);
        var endpoint = (OpenSslDtlsEndpoint)GCHandle.FromIntPtr(LibSsl.SSL_get_ex_data(ssl, 0)).Target!;
        return endpoint.VerifyPeer(certificate) ? 1 : 0;
    }

    private static void Require(nint result, string what)
    {
        if (result <= 0) throw new PlatformNotSupportedException($"OpenSSL refused {what}.");
    }
}
