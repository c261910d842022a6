using System.Text.RegularExpressions;

namespace Comms.Signaling.Api;

/// <summary>What is wrong with a body, by member name. The rules of all bodies are its methods.</summary>
public sealed partial class BodyFaults
{
    private readonly Dictionary<string, List<string>> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    public Dictionary<string, string[]> ToDictionary() => _faults.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray());

    public void Add(string member, string fault)
    {
        if (!_faults.TryGetValue(member, out List<string>? list)) _faults[member] = list = [];
        list.Add(fault);
    }

    /// <summary>Text of a length in UTF-16 units, without control characters.</summary>
    public void Text(string member, string value, int least, int most)
    {
        if (value.Length < least || value.Length > most) Add(member, $"must have {least} to {most} characters");
        else if (value.AsSpan().ContainsAnyInRange('\0', '\u001F') || value.Contains('\u007F')) Add(member, "must not contain control characters");
    }

    public void Id(string member, string value)
    {
        if (!IsId(value)) Add(member, "must be 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
    }

    public void IdOrEmpty(string member, string value)
    {
        if (value.Length > 0) Id(member, value);
    }

    /// <summary>Ids joined by '/', or nothing.</summary>
    public void TownPath(string member, string value)
    {
        if (value.Length > 512 || (value.Length > 0 && !value.Split('/').All(IsId))) Add(member, "must be town ids joined by '/'");
    }

    public void Digits(string member, string value, int least, int most)
    {
        if (value.Length < least || value.Length > most || value.AsSpan().ContainsAnyExceptInRange('0', '9'))
            Add(member, $"must be {least} to {most} digits");
    }

    public void Range(string member, double value, double least, double most)
    {
        if (!(value >= least && value <= most)) Add(member, $"must be from {least} to {most}");
    }

    public void OptionalRange(string member, double? value, double least, double most)
    {
        if (value is { } number) Range(member, number, least, most);
    }

    public static bool IsId(string value) => IdPattern().IsMatch(value);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex IdPattern();
}
