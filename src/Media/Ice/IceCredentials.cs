using System.Security.Cryptography;

namespace Comms.Media.Ice;

/// <summary>
/// One side's username fragment and password. RFC 8445 §5.3. Ours begin with the routing id that the caller chose, so that the
/// loop which receives a check finds the session without asking anyone.
/// </summary>
public sealed record IceCredentials(string Ufrag, string Password)
{
    /// <summary>Characters of the routing id: 60 bits.</summary>
    public const int RoutingIdChars = 10;

    /// <summary>The largest routing id that fits.</summary>
    public const long MaxRoutingId = (1L << (6 * RoutingIdChars)) - 1;

    /// <summary>Random characters behind the routing id; a guess is useless without the password, this only keeps ids unrelated.</summary>
    private const int RandomUfragChars = 6;

    /// <summary>144 random bits; RFC 8445 asks for 128.</summary>
    private const int PasswordChars = 24;

    private const string IceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>Fresh local credentials whose ufrag carries <paramref name="routingId"/> (0 to <see cref="MaxRoutingId"/>).</summary>
    public static IceCredentials Create(long routingId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(routingId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(routingId, MaxRoutingId);
        Span<char> ufrag = stackalloc char[RoutingIdChars + RandomUfragChars];
        for (int i = 0; i < RoutingIdChars; i++) ufrag[i] = IceChars[(int)(routingId >> (6 * (RoutingIdChars - 1 - i))) & 63];
        RandomNumberGenerator.GetItems(IceChars.AsSpan(), ufrag[RoutingIdChars..]);
        return new IceCredentials(new string(ufrag), RandomNumberGenerator.GetString(IceChars, PasswordChars));
    }

    /// <summary>Reads the routing id from a check's USERNAME ("local:remote"). False when the local part is not one of ours.</summary>
    public static bool TryReadRoutingId(ReadOnlySpan<byte> username, out long routingId)
    {
        routingId = 0;
        if (username.IndexOf((byte)':') != RoutingIdChars + RandomUfragChars) return false;
        foreach (byte value in username[..RoutingIdChars])
        {
            int digit = Digit(value);
            if (digit < 0) return false;
            routingId = routingId << 6 | (long)digit;
        }

        return true;
    }

    /// <summary>Passwords never reach a log through string interpolation.</summary>
    public override string ToString() => $"IceCredentials({Ufrag})";

    private static int Digit(byte value) => value switch
    {
        >= (byte)'A' and <= (byte)'Z' => value - 'A',
        >= (byte)'a' and <= (byte)'z' => value - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => value - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
