using System.Runtime.InteropServices;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>Takes the outcome of a connection attempt, on its loop.</summary>
public interface ITcpConnectorOwner
{
    /// <summary>Takes over a connected nonblocking descriptor, to build a <see cref="TcpConnection"/> on it.</summary>
    void OnConnected(TcpConnector connector, int descriptor, Instant now);

    void OnRefused(TcpConnector connector, TcpConnectFailure failure, Instant now);
}

/// <summary>Why no connection came about.</summary>
public enum TcpConnectFailure
{
    Refused,
    TimedOut,
    NoRoute,

    /// <summary>The process has no descriptor left, or the kernel refuses for another reason of our own.</summary>
    NoResources,
}

/// <summary>One attempt to connect by TCP on one loop, without blocking it. Gives its descriptor away or closes it.</summary>
public sealed unsafe class TcpConnector : ILoopDescriptor, ILoopTimerOwner
{
    private const int FamilyIPv4 = 2;
    private const int FamilyIPv6 = 10;
    private const int TypeStream = 1;
    private const int CloseOnExec = 0x80000;
    private const int OptionError = 4;
    private const int ProtocolTcp = 6;
    private const int OptionNoDelay = 1;
    private const int InProgress = 115;
    private const int ConnectionRefused = 111;
    private const int TimedOut = 110;
    private const int NetworkUnreachable = 101;
    private const int HostUnreachable = 113;

    private readonly EventLoop _loop;
    private readonly ITcpConnectorOwner _owner;
    private readonly LoopTimer _timer;
    private bool _isEnded;

    private TcpConnector(EventLoop loop, int descriptor, ITcpConnectorOwner owner)
    {
        _loop = loop;
        _owner = owner;
        _timer = new LoopTimer(this);
        FileDescriptor = descriptor;
    }

    public int FileDescriptor { get; }

    /// <summary>On the loop: begins to connect. Null, with the reason, when the kernel refuses at once; the owner is then not called.</summary>
    public static TcpConnector? Start(EventLoop loop, in TransportAddress remote, int timeoutMs, ITcpConnectorOwner owner, out TcpConnectFailure failure)
    {
        failure = TcpConnectFailure.NoResources;
        int descriptor = LibC.Socket(remote.IsIPv4 ? FamilyIPv4 : FamilyIPv6, TypeStream | CloseOnExec | LibC.NonBlocking, 0);
        if (descriptor < 0) return null;
        int one = 1;
        _ = LibC.SetSocketOption(descriptor, ProtocolTcp, OptionNoDelay, &one, sizeof(int));
        byte* address = stackalloc byte[SocketAddressCodec.MaxBytes];
        uint bytes = SocketAddressCodec.Write(address, remote);
        if (LibC.Connect(descriptor, address, bytes) != 0 && Marshal.GetLastPInvokeError() is var error && error != InProgress)
        {
            failure = FailureOf(error);
            _ = LibC.Close(descriptor);
            return null;
        }

        var connector = new TcpConnector(loop, descriptor, owner);
        loop.Register(connector, LoopInterest.ReadWrite);
        loop.Timers.Arm(connector._timer, loop.Now.AddMs(timeoutMs));
        return connector;
    }

    public void OnReadable(Instant now) => Finish(now);

    public void OnWritable(Instant now) => Finish(now);

    public void OnTimer(LoopTimer timer, Instant now)
    {
        if (_isEnded) return;
        Cancel();
        _owner.OnRefused(this, TcpConnectFailure.TimedOut, now);
    }

    /// <summary>Gives the attempt up; the owner is not called.</summary>
    public void Cancel()
    {
        if (_isEnded) return;
        Leave();
        _ = LibC.Close(FileDescriptor);
    }

    private void Finish(Instant now)
    {
        if (_isEnded) return;
        int error = 0;
        uint bytes = sizeof(int);
        _ = LibC.GetSocketOption(FileDescriptor, LibC.SolSocket, OptionError, &error, &bytes);
        if (error == 0)
        {
            Leave();
            _owner.OnConnected(this, FileDescriptor, now);
            return;
        }

        Cancel();
        _owner.OnRefused(this, FailureOf(error), now);
    }

    private void Leave()
    {
        _isEnded = true;
        _loop.Timers.Cancel(_timer);
        _loop.Unregister(this);
    }

    private static TcpConnectFailure FailureOf(int error) => error switch
    {
        ConnectionRefused => TcpConnectFailure.Refused,
        TimedOut => TcpConnectFailure.TimedOut,
        NetworkUnreachable or HostUnreachable => TcpConnectFailure.NoRoute,
        _ => TcpConnectFailure.NoResources,
    };
}
