namespace Comms.Signaling.Sip.Message;

/// <summary>Sequence number and method. RFC 3261 §8.1.1.5: the number is below 2^31.</summary>
public readonly record struct CSeq(uint Number, string Method)
{
    public static bool TryParse(string value, out CSeq cseq)
    {
        cseq = default;
        var text = value.AsSpan().Trim();
        var space = text.IndexOfAny(' ', '\t');
        if (space <= 0 || !SipText.TryParseNumber(text[..space], int.MaxValue, out var number))
        {
            return false;
        }

        var method = text[space..].Trim();
        cseq = new CSeq(number, SipMethods.Intern(method));
        return SipText.IsToken(method);
    }

    public override string ToString() => $"{Number} {Method}";
}
