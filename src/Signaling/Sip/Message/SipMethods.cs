namespace Comms.Signaling.Sip.Message;

/// <summary>Method names. RFC 3261 §7.1: case-sensitive tokens, so ordinary strings, because unknown ones are legal.</summary>
public static class SipMethods
{
    public const string Invite = "INVITE";
    public const string Ack = "ACK";
    public const string Bye = "BYE";
    public const string Cancel = "CANCEL";
    public const string Register = "REGISTER";
    public const string Options = "OPTIONS";
    public const string Message = "MESSAGE";
    public const string Info = "INFO";
    public const string Update = "UPDATE";
    public const string Prack = "PRACK";
    public const string Refer = "REFER";
    public const string Notify = "NOTIFY";

    private static readonly string[] Known =
        [Invite, Ack, Bye, Cancel, Register, Options, Message, Info, Update, Prack, Refer, "SUBSCRIBE", Notify, "PUBLISH"];

    /// <summary>Somebody has defined it, whether we serve it or not.</summary>
    public static bool IsKnown(string method) => Known.Contains(method);

    /// <summary>The shared instance of a known name, else a new string.</summary>
    internal static string Intern(ReadOnlySpan<char> name)
    {
        foreach (var known in Known)
        {
            if (name.SequenceEqual(known))
            {
                return known;
            }
        }

        return name.ToString();
    }
}
