namespace Comms.Phones.Sip;

/// <summary>A SIP account of the generator and the number that it calls; "" when it calls none.</summary>
public sealed record SipLogin(string User, string Password, string Number = "")
{
    public override string ToString() => User;
}
