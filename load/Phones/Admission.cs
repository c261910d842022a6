using Comms.Media.Numbers;

namespace Comms.Phones;

/// <summary>
/// Lets the phones of one loop in, so many at a time: first all of them into the hub, then, when told so, into voice and channel.
/// Owned by the loop; the counters may be read from any thread.
/// </summary>
internal sealed class Admission(Phone[] phones, int window)
{
    private readonly HashSet<Phone> _underWay = [];
    private int _connected;
    private int _opened;
    private volatile bool _isOpen;
    private volatile bool _hasVoice;
    private volatile int _greeted;
    private volatile int _joined;
    private volatile int _failed;

    public int Greeted => _greeted;

    public int Joined => _joined;

    public int Failed => _failed;

    /// <summary>The first failure in words.</summary>
    public string Fault { get; private set; } = "";

    public bool IsBusy => _underWay.Count > 0;

    /// <summary>Phones may connect to the hub.</summary>
    public void Open() => _isOpen = true;

    /// <summary>Phones that are in the hub may open their voice sessions.</summary>
    public void OpenVoice() => _hasVoice = true;

    /// <summary>On the loop.</summary>
    public void Admit()
    {
        while (_isOpen && _underWay.Count < window && _connected < phones.Length) Begin(phones[_connected++], phone => phone.Connect());
        if (!_hasVoice || _connected < phones.Length) return;
        while (_underWay.Count < window && _opened < phones.Length)
        {
            Phone next = phones[_opened];
            if (next.Stage == PhoneStage.Connecting) return;
            _opened++;
            if (next.Stage == PhoneStage.Greeted) Begin(next, phone => phone.OpenVoice());
        }
    }

    public void RunTimers(Instant now)
    {
        if (_underWay.Count == 0) return;
        foreach (Phone phone in _underWay.ToArray()) phone.OnTimer(now);
    }

    public void OnGreeted(Phone phone)
    {
        _underWay.Remove(phone);
        _greeted++;
    }

    public void OnJoined(Phone phone)
    {
        _underWay.Remove(phone);
        _joined++;
    }

    public void OnFailed(Phone phone)
    {
        _underWay.Remove(phone);
        if (_failed++ == 0) Fault = $"phone {phone.Number}: {phone.Fault}";
    }

    private void Begin(Phone phone, Action<Phone> step)
    {
        _underWay.Add(phone);
        step(phone);
    }
}
