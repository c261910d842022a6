using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Comms.Media.Crypto.OpenSsl;

/// <summary>What a datagram BIO reads from and writes to.</summary>
internal interface IDatagramEnds
{
    /// <summary>Moves the pending incoming datagram into the buffer; −1 when there is none.</summary>
    int TakeIncoming(Span<byte> buffer);

    void AddOutgoing(ReadOnlySpan<byte> datagram);
}

/// <summary>
/// A BIO that keeps datagram boundaries: OpenSSL's memory BIO is a byte stream, and its datagram pair does not exist in 3.0.
/// The BIO's data is a GCHandle of the <see cref="IDatagramEnds"/>. Callbacks come from OpenSSL and must not throw.
/// </summary>
internal static unsafe partial class DatagramBio
{
    private const string Crypto = "libcrypto.so.3";
    private const int SourceSink = 0x0400;
    private const int FlagsRead = 0x01;
    private const int FlagsAll = 0x0F;
    private const int FlagShouldRetry = 0x08;
    private const int ControlFlush = 11;
    private const int ControlQueryMtu = 40;
    private const int ControlGetMtu = 41;
    private const int ControlSetMtu = 42;
    private const int ControlGetFallbackMtu = 47;
    private const int ControlGetMtuOverhead = 49;

    /// <summary>IPv6 and UDP headers.</summary>
    private const int HeaderOverheadBytes = 48;

    private static readonly nint Method = CreateMethod();

    /// <summary>Makes a BIO over the ends that the handle names; the SSL it is given to frees it.</summary>
    public static nint Create(GCHandle ends)
    {
        nint bio = BIO_new(Method);
        BIO_set_data(bio, GCHandle.ToIntPtr(ends));
        BIO_set_init(bio, 1);
        return bio;
    }

    private static nint CreateMethod()
    {
        nint method = BIO_meth_new(BIO_get_new_index() | SourceSink, "comms datagram");
        _ = BIO_meth_set_write(method, &Write);
        _ = BIO_meth_set_read(method, &Read);
        _ = BIO_meth_set_ctrl(method, &Control);
        return method;
    }

    private static IDatagramEnds Ends(nint bio) => (IDatagramEnds)GCHandle.FromIntPtr(BIO_get_data(bio)).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint bio, byte* buffer, int length)
    {
        BIO_clear_flags(bio, FlagsAll);
        int taken = Ends(bio).TakeIncoming(new Span<byte>(buffer, length));
        if (taken < 0) BIO_set_flags(bio, FlagsRead | FlagShouldRetry);
        return taken;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint bio, byte* data, int length)
    {
        BIO_clear_flags(bio, FlagsAll);
        Ends(bio).AddOutgoing(new ReadOnlySpan<byte>(data, length));
        return length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Control(nint bio, int command, nint argument, nint pointer) => command switch
    {
        ControlFlush => 1,
        ControlQueryMtu or ControlGetMtu or ControlGetFallbackMtu => Dtls.DtlsLimits.MtuBytes,
        ControlSetMtu => argument,
        ControlGetMtuOverhead => HeaderOverheadBytes,
        _ => 0,
    };

    [LibraryImport(Crypto)]
    private static partial int BIO_get_new_index();

    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint BIO_meth_new(int type, string name);

    [LibraryImport(Crypto)]
    private static partial int BIO_meth_set_write(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> callback);

    [LibraryImport(Crypto)]
    private static partial int BIO_meth_set_read(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> callback);

    [LibraryImport(Crypto)]
    private static partial int BIO_meth_set_ctrl(nint method, delegate* unmanaged[Cdecl]<nint, int, nint, nint, nint> callback);

    [LibraryImport(Crypto)]
    private static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)]
    private static partial void BIO_set_data(nint bio, nint data);

    [LibraryImport(Crypto)]
    private static partial nint BIO_get_data(nint bio);

    [LibraryImport(Crypto)]
    private static partial void BIO_set_init(nint bio, int init);

    [LibraryImport(Crypto)]
    private static partial void BIO_set_flags(nint bio, int flags);

    [LibraryImport(Crypto)]
    private static partial void BIO_clear_flags(nint bio, int flags);
}
