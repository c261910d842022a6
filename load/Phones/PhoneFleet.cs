using Comms.Media.Crypto.Dtls;
using Comms.Phones.Control;
using Comms.Phones.Figures;
using Comms.Phones.Io;
using Comms.Phones.Media;

namespace Comms.Phones;

/// <summary>
/// Many phones on few threads, as their operator sees them: let them in, press, talk, count what was heard. Methods may be called
/// from any one thread at a time.
/// </summary>
public sealed class PhoneFleet : IPhoneLinks, IDisposable
{
    private readonly FleetOptions _options;
    private readonly PhoneLoop[] _loops;
    private readonly Dictionary<string, int> _channels = [];
    private readonly OpenSslDtlsContext _dtls = new(DtlsIdentity.Create());
    private readonly H2Pool _shared;
    private int _bursts;

    /// <param name="phones">Number i has the address FirstAddress + i; the first phone's channel is channel 0.</param>
    public PhoneFleet(FleetOptions options, IReadOnlyList<PhoneAccount> phones)
    {
        _options = options;
        PhoneCount = phones.Count;
        foreach (PhoneAccount phone in phones) _channels.TryAdd(phone.ChannelId, _channels.Count);
        Channels = [.. _channels.Keys];
        ChannelOfPhone = [.. phones.Select(phone => _channels[phone.ChannelId])];
        _shared = new H2Pool(options, phones.Count);
        _loops =
        [
            .. Enumerable.Range(0, options.Loops).Select(loop => new PhoneLoop(
                options, loop, [.. Enumerable.Range(0, phones.Count).Where(i => i % options.Loops == loop).Select(i => (i, phones[i]))], Channels, this)),
        ];
        foreach (PhoneLoop loop in _loops) loop.Start();
    }

    public int PhoneCount { get; }

    /// <summary>Channel ids by channel number.</summary>
    public IReadOnlyList<string> Channels { get; }

    public IReadOnlyList<int> ChannelOfPhone { get; }

    public int TcpCount => Math.Min(PhoneCount, _options.TcpPhonesMax);

    public int H2Count => PhoneCount - TcpCount;

    public int Greeted => _loops.Sum(loop => loop.Admission.Greeted);

    public int Joined => _loops.Sum(loop => loop.Admission.Joined);

    public int Failed => _loops.Sum(loop => loop.Admission.Failed);

    public string Fault => _loops.Select(loop => loop.Admission.Fault).FirstOrDefault(fault => fault.Length > 0) ?? "";

    public int Heard => _loops.Sum(loop => loop.Listeners.HeardCount);

    /// <summary>When the last phone so far decrypted its first packet, monotonic.</summary>
    public long LastHeardNs => _loops.Max(loop => loop.Listeners.LastHeardNs);

    public long KernelDrops => _loops.Sum(loop => loop.KernelDrops);

    public long RefusedSends => _loops.Sum(loop => loop.RefusedSends);

    public long Strays => _loops.Sum(loop => loop.Listeners.Strays);

    public long Foreign => _loops.Sum(loop => loop.Foreign);

    /// <summary>WebSocket bytes received by all phones.</summary>
    public long ControlBytes => _loops.Sum(loop => loop.ControlBytes);

    OpenSslDtlsContext IPhoneLinks.Dtls => _dtls;

    /// <summary>Lets the phones into the hub.</summary>
    public void Connect()
    {
        foreach (PhoneLoop loop in _loops) loop.Admission.Open();
    }

    /// <summary>Lets phones that are in the hub into voice and channel.</summary>
    public void OpenVoice()
    {
        foreach (PhoneLoop loop in _loops) loop.Admission.OpenVoice();
    }

    /// <summary>True for the listeners that are compared frame by frame.</summary>
    public bool IsCompared(int phone) => RowOf(phone) % _options.ComparedOneIn == 0;

    public Task<PressReply> PressAsync(int phone) =>
        LoopOf(phone).CallAsync(() => LoopOf(phone).PhoneAt(RowOf(phone)).PressAsync(Channels[ChannelOfPhone[phone]])).Unwrap();

    public void Release(int phone) =>
        LoopOf(phone).Post(() => LoopOf(phone).PhoneAt(RowOf(phone)).Release(Channels[ChannelOfPhone[phone]]));

    /// <summary>Makes a burst of a phone that is to be said soon.</summary>
    public Burst PlanBurst(int phone, Speech speech, int firstFrame, int frames) =>
        new(++_bursts, ChannelOfPhone[phone], phone, speech, firstFrame, frames);

    /// <summary>Says the burst from now on; every listener of its channel is compared with it. Ends with the last frame.</summary>
    public async Task TalkAsync(Burst burst, bool isLast = false)
    {
        burst.StartNs = Clocks.MonotonicNs;
        await Task.WhenAll(_loops.Select(loop => loop.CallAsync(() =>
        {
            loop.Listeners.BeginBurst(burst, isLast);
            return true;
        })));
        await LoopOf(burst.Talker).CallAsync(() => LoopOf(burst.Talker).Talk(RowOf(burst.Talker), burst)).Unwrap();
    }

    public async Task<BurstCount> CountAsync(Burst burst)
    {
        var sum = new BurstCount();
        foreach (BurstCount part in await Task.WhenAll(_loops.Select(loop => loop.CallAsync(() => loop.Listeners.Count(burst, loop.NumberOf)))))
            sum.Add(part);
        return sum;
    }

    /// <summary>Phones whose last packet is not the end of the burst under their own key.</summary>
    public async Task<IReadOnlyList<int>> FindUnheardAsync(Burst last) =>
        [.. (await Task.WhenAll(_loops.Select(loop => loop.CallAsync(() => loop.Listeners.FindUnheard(last, loop.NumberOf))))).SelectMany(found => found)];

    /// <summary>Floor Taken of a channel's burst so far, by the server's burst id.</summary>
    public async Task<TakenCount> TakenAsync(int channel, long burstId)
    {
        TakenCount[] parts = await Task.WhenAll(_loops.Select(loop => loop.CallAsync(() => loop.Taken(channel, burstId))));
        return new TakenCount(parts.Sum(part => part.Phones), parts.Max(part => part.LastNs));
    }

    /// <summary>Sums what the listeners counted themselves.</summary>
    public async Task<FleetCount> CountAsync() =>
        (await Task.WhenAll(_loops.Select(loop => loop.CallAsync(() => FleetCount.Of(loop.Listeners))))).Aggregate(FleetCount.Add);

    public Task ClearFiguresAsync() => Task.WhenAll(_loops.Select(loop => loop.CallAsync(() =>
    {
        loop.Listeners.ClearFigures();
        return true;
    })));

    /// <summary>Capture to arrival of one channel over all loops; when nobody talks.</summary>
    public Histogram Arrivals(int channel)
    {
        var all = new Histogram();
        foreach (PhoneLoop loop in _loops) all.Add(loop.Listeners.Arrivals[channel]);
        return all;
    }

    public long Late(int channel) => _loops.Sum(loop => loop.Listeners.Late[channel]);

    /// <summary>The frame duration that the channel's listeners got last.</summary>
    public int FrameMs(int channel) => _loops.Max(loop => loop.Listeners.FrameMs[channel]);

    /// <summary>Sizes of the SRTP packets that one listener got in the last burst of channel 0.</summary>
    public IReadOnlyList<int> SampleSizes => _loops.Select(loop => loop.Listeners.SampleSizes).FirstOrDefault(sizes => sizes.Count > 0) ?? [];

    /// <summary>Where the phones of a channel receive.</summary>
    public IReadOnlyList<Endpoint> Endpoints(int channel) =>
        [.. Enumerable.Range(0, PhoneCount).Where(phone => ChannelOfPhone[phone] == channel).Select(phone => LoopOf(phone).EndpointOf(RowOf(phone)))];

    /// <summary>What a phone hears from, once it has joined: the server's media address.</summary>
    public Endpoint MediaServer => _loops[0].MediaServer;

    public void Dispose()
    {
        foreach (PhoneLoop loop in _loops) loop.Dispose();
        _shared.Dispose();
        _dtls.Dispose();
    }

    int IPhoneLinks.ChannelOf(string channelId) => _channels[channelId];

    ControlLink IPhoneLinks.Open(Phone phone, PhoneLoop loop, Epoll epoll) =>
        phone.Number < TcpCount
            ? new TcpLink(phone, epoll, (ulong)phone.Row, phone.Address, _options.Http, TcpLink.Request($"{_options.Host}:{_options.Http.Port}", phone.Account.AccessToken))
            : _shared.Open(phone, phone.Number % _options.Loops, phone.Account.AccessToken);

    void IPhoneLinks.Deliver(int loop) => _shared.Deliver(loop);

    private PhoneLoop LoopOf(int phone) => _loops[phone % _loops.Length];

    private int RowOf(int phone) => phone / _loops.Length;
}
