using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Numbers;
using Comms.Media.Wire;
using Comms.Phones.Io;

namespace Comms.Phones.Viewers;

/// <summary>
/// Many viewers of one camera on one thread, each with an address, an ICE and a DTLS session and keys of its own, let in by WHEP like a
/// page. Only the members that say so may be used from other threads.
/// </summary>
public sealed class ViewerFleet : IDisposable
{
    private const int Sockets = 8;
    private const int ComparedOneIn = 100;
    private const long CheckPeriodNs = 2_500_000_000;
    private const long ReportPeriodNs = 1_000_000_000;
    private const long TimerPeriodNs = 250_000_000;
    private const int WaitMs = 2;
    private const int BatchesPerTurn = 16;
    private const int JoiningAtOnce = 16;
    private static readonly TimeSpan FirstFrameLimit = TimeSpan.FromSeconds(30);

    /// <summary>127.40.0.1, the first viewer's address.</summary>
    private const uint FirstAddress = 127u << 24 | 40u << 16 | 1;
    private const uint AddressesPerFleet = 1 << 16;

    private static int _fleets;

    private readonly uint _firstAddress = FirstAddress + (uint)(Interlocked.Increment(ref _fleets) - 1) * AddressesPerFleet;
    private readonly OpenSslDtlsContext _dtls = new(DtlsIdentity.Create());
    private readonly PhoneSocket[] _sockets = [.. Enumerable.Range(0, Sockets).Select(_ => new PhoneSocket())];
    private readonly Epoll _epoll = new();
    private readonly ReceiveBatch _receive = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Viewer[] _viewers;
    private readonly Thread _thread;
    private Pacer _checks;
    private Pacer _reports;
    private long _nextTimerNs;
    private volatile bool _isStopping;

    public ViewerFleet(int viewers)
    {
        _viewers = [.. Enumerable.Range(0, viewers).Select(number =>
            new Viewer(number, _firstAddress + (uint)number, number % ComparedOneIn == 0, _sockets[number % Sockets], _dtls))];
        for (int i = 0; i < _sockets.Length; i++) _epoll.Add(_sockets[i].Descriptor, (ulong)i, writable: false);
        long now = Clocks.MonotonicNs;
        _checks = new Pacer(CheckPeriodNs, viewers, now);
        _reports = new Pacer(ReportPeriodNs, viewers, now);
        _thread = new Thread(Run) { IsBackground = true, Name = "viewers" };
        _thread.Start();
    }

    /// <summary>Any thread: POSTs one offer for each viewer and gives it the answer.</summary>
    /// <param name="cameraOf">The camera that a viewer by its number asks for.</param>
    public Task JoinAsync(HttpClient client, Func<int, string> cameraOf) => Parallel.ForEachAsync(
        Enumerable.Range(0, _viewers.Length),
        new ParallelOptions { MaxDegreeOfParallelism = JoiningAtOnce },
        async (number, cancellation) => await JoinAsync(_viewers[number], client, cameraOf(number), cancellation));

    /// <summary>Any thread: milliseconds from the viewer's request until the last packet of its first picture.</summary>
    public async Task<double> TimeFirstFrameAsync(int number, HttpClient client, string camera)
    {
        long startedNs = Clocks.MonotonicNs;
        using var limit = new CancellationTokenSource(FirstFrameLimit);
        await JoinAsync(_viewers[number], client, camera, limit.Token);
        long shownNs = await _viewers[number].FirstPicture.WaitAsync(limit.Token);
        return (shownNs - startedNs) / 1e6;
    }

    /// <summary>Any thread: what all viewers together have seen since the figures were cleared.</summary>
    public Task<ViewerCount> CountAsync() => CallAsync(() => new ViewerCount(
        _viewers.Count(viewer => viewer.IsConnected),
        _viewers.Count(viewer => viewer.Received > 0),
        _viewers.Sum(viewer => viewer.Received),
        _viewers.Sum(viewer => viewer.Lost),
        _viewers.Sum(viewer => viewer.Wrong),
        _sockets.Sum(socket => (long)socket.KernelDrops)));

    /// <summary>Any thread.</summary>
    public Task ClearAsync() => CallAsync(() =>
    {
        foreach (Viewer viewer in _viewers) viewer.Clear();
        return true;
    });

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        foreach (Viewer viewer in _viewers) viewer.Close();
        foreach (PhoneSocket socket in _sockets) socket.Dispose();
        _receive.Dispose();
        _epoll.Dispose();
        _dtls.Dispose();
    }

    private async Task JoinAsync(Viewer viewer, HttpClient client, string camera, CancellationToken cancellation)
    {
        using var offer = new StringContent(viewer.Offer, new MediaTypeHeaderValue("application/sdp"));
        using var response = await client.PostAsync(new Uri($"/whep/{camera}", UriKind.Relative), offer, cancellation);
        string text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode || Answer.Read(text, IPAddress.IsLoopback) is not { } answer)
            throw new IOException($"The server lets no viewer in: {(int)response.StatusCode} {text}");
        _posted.Enqueue(() => viewer.Begin(answer));
    }

    private Task<T> CallAsync<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _posted.Enqueue(() => result.SetResult(function()));
        return result.Task;
    }

    private void Run()
    {
        while (!_isStopping) Turn();
    }

    private void Turn()
    {
        int ready = _epoll.Wait(WaitMs);
        for (int i = 0; i < ready; i++) Receive(_sockets[(int)_epoll.Event(i, out _, out _)]);
        while (_posted.TryDequeue(out Action? action)) action();
        long now = Clocks.MonotonicNs;
        for (int due = _checks.Due(now); due > 0; due--) _viewers[_checks.Next()].Check();
        for (int due = _reports.Due(now); due > 0; due--) _viewers[_reports.Next()].Report();
        if (now >= _nextTimerNs)
        {
            _nextTimerNs = now + TimerPeriodNs;
            foreach (Viewer viewer in _viewers) viewer.OnTimer(new Instant(now));
        }

        foreach (PhoneSocket socket in _sockets) socket.Output.Flush();
    }

    private void Receive(PhoneSocket socket)
    {
        for (int batch = 0; batch < BatchesPerTurn; batch++)
        {
            int count = _receive.Receive(socket.Descriptor);
            for (int i = 0; i < count; i++) Take(i);
            if (count < ReceiveBatch.Capacity) return;
        }
    }

    private void Take(int position)
    {
        _receive.ReadControl(position, out uint destination, out _);
        uint number = destination - _firstAddress;
        if (number >= _viewers.Length) return;
        var datagram = _receive.Payload(position);
        switch (DatagramDemultiplexer.Classify(datagram))
        {
            case DatagramKind.Rtp:
                _viewers[number].OnRtp(datagram);
                break;
            case DatagramKind.Stun:
                _viewers[number].OnStun(datagram, new Instant(Clocks.MonotonicNs));
                break;
            case DatagramKind.Dtls:
                _viewers[number].OnDtls(datagram, new Instant(Clocks.MonotonicNs));
                break;
        }
    }
}

/// <summary>What a fleet of viewers has seen.</summary>
/// <param name="Connected">Viewers whose handshake is done.</param>
/// <param name="Seeing">Viewers that received video.</param>
/// <param name="Received">Packets of video.</param>
/// <param name="Lost">Packets that never came.</param>
/// <param name="Wrong">Packets out of order, repeated or not authentic.</param>
/// <param name="KernelDrops">Datagrams that the generator's own sockets dropped.</param>
public sealed record ViewerCount(int Connected, int Seeing, long Received, long Lost, long Wrong, long KernelDrops);
