using System.Globalization;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Registration;

/// <summary>
/// Holds the contact bindings of accounts. RFC 3261 §10.3: a REGISTER takes effect as a whole or not at all. Sans-IO,
/// single-threaded; changes are handed to <paramref name="changed"/>, which is the place to persist them from.
/// </summary>
public sealed class Registrar(SipOptions options, Action<string, IReadOnlyList<ContactBinding>> changed)
{
    private const uint DefaultExpiresSeconds = 3_600;

    private readonly Dictionary<string, List<ContactBinding>> _accounts = [];
    private readonly PriorityQueue<string, Instant> _expiries = new();

    /// <summary>Called after a REGISTER that left the contacts as they were, with their new expiries.</summary>
    public Action<string, IReadOnlyList<ContactBinding>>? Refreshed { get; init; }

    public Instant NextDeadline => _expiries.TryPeek(out _, out var at) ? at : Instant.Never;

    public int Accounts => _accounts.Count;

    public IReadOnlyList<ContactBinding> Bindings(string accountId) =>
        _accounts.TryGetValue(accountId, out var bindings) ? bindings : [];

    /// <summary>Puts back what was kept over a restart. A binding that has expired meanwhile falls out at the next timeout.</summary>
    public void Restore(string accountId, IEnumerable<ContactBinding> bindings)
    {
        var list = bindings.ToList();
        _accounts[accountId] = list;
        list.ForEach(binding => _expiries.Enqueue(accountId, binding.ExpiresAt));
    }

    /// <summary>Carries out a REGISTER of a proven account and answers it.</summary>
    public SipResponse Handle(SipRequest request, string accountId, SipFlow flow, Instant now)
    {
        var contacts = request.Headers.List(SipHeaderNames.Contact);
        if (contacts.Contains("*"))
        {
            return RemoveAll(request, accountId, contacts.Count);
        }

        if (!request.TryGetAddresses(SipHeaderNames.Contact, out var addresses) || !addresses.TrueForAll(address => address.Uri.IsSip))
        {
            return SipResponse.For(request, SipStatus.BadRequest);
        }

        var old = Bindings(accountId);
        var updated = old.ToList();
        foreach (var address in addresses)
        {
            var refusal = Apply(request, address, flow, now, updated);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        if (updated.Count > options.MaxContacts)
        {
            return SipResponse.For(request, SipStatus.Forbidden);
        }

        Commit(accountId, old, updated);
        return Success(request, updated, now);
    }

    /// <summary>Takes every contact of an account away: it may no longer register.</summary>
    public void Remove(string accountId)
    {
        if (_accounts.Remove(accountId))
        {
            changed(accountId, []);
        }
    }

    public void HandleTimeout(Instant now)
    {
        while (_expiries.TryPeek(out var accountId, out var at) && at <= now)
        {
            _expiries.Dequeue();
            var old = Bindings(accountId);
            var left = old.Where(binding => binding.ExpiresAt > now).ToList();
            if (left.Count != old.Count)
            {
                Keep(accountId, left);
                changed(accountId, left);
            }
        }
    }

    // RFC 3261 §10.3 step 6: a star stands alone and with Expires: 0.
    private SipResponse RemoveAll(SipRequest request, string accountId, int contacts)
    {
        if (contacts != 1 || request.ExpiresSeconds != 0)
        {
            return SipResponse.For(request, SipStatus.BadRequest);
        }

        var old = Bindings(accountId);
        if (IsOutOfOrder(old.FirstOrDefault(binding => binding.CallId == request.CallId), request))
        {
            return SipResponse.For(request, SipStatus.ServerInternalError);
        }

        Commit(accountId, old, []);
        return SipResponse.For(request, SipStatus.Ok);
    }

    private SipResponse? Apply(SipRequest request, NameAddr address, SipFlow flow, Instant now, List<ContactBinding> updated)
    {
        var at = updated.FindIndex(binding => binding.Contact.Uri.IsEquivalentTo(address.Uri));
        if (at >= 0 && IsOutOfOrder(updated[at], request))
        {
            return SipResponse.For(request, SipStatus.ServerInternalError);
        }

        var seconds = ExpiresOf(request, address);
        if (seconds == 0)
        {
            updated.RemoveAll(binding => binding.Contact.Uri.IsEquivalentTo(address.Uri));
            return null;
        }

        if (seconds < options.MinExpiresSeconds)
        {
            var refusal = SipResponse.For(request, SipStatus.IntervalTooBrief);
            refusal.Headers.Add(SipHeaderNames.MinExpires, options.MinExpiresSeconds.ToString(CultureInfo.InvariantCulture));
            return refusal;
        }

        var binding = new ContactBinding(address, flow, now.AddMs(Math.Min(seconds, (uint)options.MaxExpiresSeconds) * 1000L))
        {
            CallId = request.CallId, CSeq = request.CSeq.Number,
        };
        if (at >= 0)
        {
            updated[at] = binding;
        }
        else
        {
            updated.Add(binding);
        }

        return null;
    }

    // RFC 3261 §10.3 step 7: the same Call-ID must not go back in its numbers.
    private static bool IsOutOfOrder(ContactBinding? binding, SipRequest request) =>
        binding is not null && binding.CallId == request.CallId && request.CSeq.Number <= binding.CSeq;

    private static uint ExpiresOf(SipRequest request, NameAddr address)
    {
        if (address.Parameters["expires"] is { } own)
        {
            return SipText.TryParseNumber(own, uint.MaxValue, out var seconds) ? seconds : DefaultExpiresSeconds;
        }

        return request.ExpiresSeconds ?? DefaultExpiresSeconds;
    }

    private void Commit(string accountId, IReadOnlyList<ContactBinding> old, List<ContactBinding> updated)
    {
        foreach (var binding in updated)
        {
            if (!old.Contains(binding))
            {
                _expiries.Enqueue(accountId, binding.ExpiresAt);
            }
        }

        var isSame = old.Count == updated.Count && old.Zip(updated).All(pair => pair.First.Contact.Uri.IsEquivalentTo(pair.Second.Contact.Uri));
        Keep(accountId, updated);
        if (!isSame)
        {
            changed(accountId, updated);
        }
        else if (updated.Count > 0 && !old.SequenceEqual(updated))
        {
            Refreshed?.Invoke(accountId, updated);
        }
    }

    private void Keep(string accountId, List<ContactBinding> bindings)
    {
        if (bindings.Count == 0)
        {
            _accounts.Remove(accountId);
        }
        else
        {
            _accounts[accountId] = bindings;
        }
    }

    private static SipResponse Success(SipRequest request, List<ContactBinding> bindings, Instant now)
    {
        var response = SipResponse.For(request, SipStatus.Ok);
        foreach (var binding in bindings)
        {
            var seconds = (binding.ExpiresAt.MsSince(now) + 999) / 1000;
            var parameters = binding.Contact.Parameters.With("expires", seconds.ToString(CultureInfo.InvariantCulture));
            response.Headers.Add(SipHeaderNames.Contact, (binding.Contact with { Parameters = parameters }).ToString());
        }

        return response;
    }
}
