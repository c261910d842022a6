using System.Collections;

namespace Comms.Signaling.Sip.Message;

/// <summary>The header fields of one message in their order of arrival; names compare without case.</summary>
public sealed class SipHeaders : IEnumerable<SipHeader>
{
    private readonly List<SipHeader> _fields = new(16);

    public int Count => _fields.Count;

    public SipHeader this[int index] => _fields[index];

    public void Add(string name, string value) => _fields.Add(new SipHeader(name, value));

    /// <summary>Replaces every field of that name by one; keeps the place of the first.</summary>
    public void Set(string name, string value)
    {
        var at = IndexOf(name, 0);
        if (at < 0)
        {
            Add(name, value);
            return;
        }

        _fields[at] = new SipHeader(name, value);
        for (var next = IndexOf(name, at + 1); next >= 0; next = IndexOf(name, at + 1))
        {
            _fields.RemoveAt(next);
        }
    }

    public void Remove(string name) => _fields.RemoveAll(field => Is(field, name));

    /// <summary>The first field's raw value, or null.</summary>
    public string? First(string name)
    {
        var at = IndexOf(name, 0);
        return at < 0 ? null : _fields[at].Value;
    }

    public bool Contains(string name) => IndexOf(name, 0) >= 0;

    /// <summary>Every field of that name, unsplit.</summary>
    public IEnumerable<string> All(string name)
    {
        foreach (var field in _fields)
        {
            if (Is(field, name))
            {
                yield return field.Value;
            }
        }
    }

    /// <summary>Every value of a comma-separated field (RFC 3261 §7.3.1), over all its lines, in order. Bounded.</summary>
    public List<string> List(string name)
    {
        var values = new List<string>();
        foreach (var value in All(name))
        {
            SipText.SplitList(value, values);
        }

        return values;
    }

    /// <summary>True when a token list (Require, Supported, Allow, Accept) names the token, without case.</summary>
    public bool HasToken(string name, string token) => List(name).Exists(value => value.Equals(token, StringComparison.OrdinalIgnoreCase));

    internal void ReplaceFirst(string name, string value)
    {
        var at = IndexOf(name, 0);
        if (at >= 0)
        {
            _fields[at] = new SipHeader(name, value);
        }
    }

    public List<SipHeader>.Enumerator GetEnumerator() => _fields.GetEnumerator();

    IEnumerator<SipHeader> IEnumerable<SipHeader>.GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _fields.GetEnumerator();

    private int IndexOf(string name, int from)
    {
        for (var i = from; i < _fields.Count; i++)
        {
            if (Is(_fields[i], name))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Is(in SipHeader field, string name) =>
        ReferenceEquals(field.Name, name) || field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
