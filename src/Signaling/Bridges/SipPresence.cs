using Comms.Grains.Contracts;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Registration;
using Comms.Signaling.Sip.Transport;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Counts the ways to units over SIP: a unit is online while one of its accounts is registered or one of its calls has a
/// leg. Thread-safe.
/// </summary>
public sealed class SipPresence : IDisposable
{
    private readonly SipEndpoint _endpoint;
    private readonly SipCallBridge _calls;
    private readonly IDirectoryIndex _index;
    private readonly NodePresence _presence;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _registered = [];

    public SipPresence(SipEndpoint endpoint, SipCallBridge calls, IDirectoryIndex index, NodePresence presence)
    {
        (_endpoint, _calls, _index, _presence) = (endpoint, calls, index, presence);
        endpoint.BindingsChanged += OnBindings;
        calls.LegOpened += OnLegOpened;
        calls.LegClosed += OnLegClosed;
    }

    /// <summary>What was registered before the restart is so still.</summary>
    public void Restored(IReadOnlyList<KeptRegistration> registrations)
    {
        foreach (var registration in registrations)
        {
            Note(registration.AccountId, registration.UnitId);
        }
    }

    public void Dispose()
    {
        _endpoint.BindingsChanged -= OnBindings;
        _calls.LegOpened -= OnLegOpened;
        _calls.LegClosed -= OnLegClosed;
    }

    private void OnBindings(BindingsChanged changed) =>
        Note(changed.AccountId, changed.Bindings.Count > 0 ? _index.FindAccount(changed.AccountId)?.UnitId ?? "" : "");

    private void OnLegOpened(SipCallSnapshot call) => _presence.Connected(call.UnitId);

    private void OnLegClosed(SipCallSnapshot call) => _presence.Disconnected(call.UnitId);

    // The account speaks for that unit from now on; "": for none, or it is not registered.
    private void Note(string accountId, string unitId)
    {
        lock (_lock)
        {
            var former = _registered.GetValueOrDefault(accountId, "");
            _registered[accountId] = unitId;
            if (former != unitId)
            {
                _presence.Connected(unitId);
                _presence.Disconnected(former);
            }

            if (unitId.Length == 0)
            {
                _registered.Remove(accountId);
            }
        }
    }
}
