using System.Buffers.Binary;
using System.Text;
using Comms.Media.Ice;
using Comms.Media.Numbers;
using Comms.Media.Wire.Stun;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Ice;

/// <summary>The lite responder: who is let in, which path is taken, when it ends.</summary>
public sealed class IceLiteAgentTests
{
    private static readonly IceCredentials Local = IceCredentials.Create(4711);
    private static readonly IceCredentials Remote = new("rfrg", "remote-password-of-22-chars");
    private static readonly NetworkPath First = Path(40001);
    private static readonly NetworkPath Second = Path(40002);
    private readonly IceLiteAgent _agent = new(Local, Remote, new Instant(0));
    private readonly byte[] _reply = new byte[StunMessage.MaxBytes];

    [Fact]
    public void A_valid_check_is_answered_with_the_address_it_came_from()
    {
        var result = Handle(IceCheck.Write(Remote, Local), First);
        Assert.Equal(IceCheckOutcome.PathSelected, result.Outcome);
        Assert.True(StunMessage.TryParse(_reply.AsSpan(0, result.ReplyBytes), out var reply));
        Assert.Equal(StunMessageType.BindingSuccess, reply.Type);
        Assert.True(reply.VerifyIntegrity(Encoding.ASCII.GetBytes(Local.Password)));
        Assert.True(reply.HasFingerprint);
        Assert.True(reply.TryReadMappedAddress(out var mapped));
        Assert.Equal(First.Remote, mapped);
        Assert.Equal(First, _agent.SelectedPath);
    }

    [Fact]
    public void A_check_with_the_wrong_password_gets_401_and_teaches_nothing()
    {
        var result = Handle(IceCheck.Write(Remote, Local with { Password = "guess" }), First);
        AssertRefused(result, 401);
        Assert.False(_agent.HasPath);
        Assert.False(_agent.IsValidPath(First));
    }

    [Fact]
    public void A_check_for_another_peer_gets_401()
    {
        AssertRefused(Handle(IceCheck.Write(Remote with { Ufrag = "else" }, Local), First), 401);
    }

    [Fact]
    public void A_request_without_credentials_gets_400()
    {
        var writer = new StunWriter(new byte[100], StunMessageType.BindingRequest, new byte[12]);
        AssertRefused(Handle(writer.Written.ToArray(), First), 400);
    }

    [Fact]
    public void An_unknown_required_attribute_gets_420_naming_it()
    {
        byte[] request = WithUnknownAttribute(0x7001);
        var result = Handle(request, First);
        AssertRefused(result, 420);
        Assert.Contains("000A00027001", Convert.ToHexString(_reply.AsSpan(0, result.ReplyBytes)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_in_the_controlled_role_is_told_to_switch()
    {
        AssertRefused(Handle(IceCheck.Write(Remote, Local, controlled: true), First), 487);
        Assert.False(_agent.HasPath);
    }

    [Fact]
    public void Media_follows_the_last_nomination_and_nothing_else()
    {
        Assert.Equal(IceCheckOutcome.PathSelected, Handle(IceCheck.Write(Remote, Local, nominate: false), First).Outcome);
        Assert.Equal(IceCheckOutcome.Accepted, Handle(IceCheck.Write(Remote, Local, nominate: false), Second).Outcome);
        Assert.Equal(First, _agent.SelectedPath);
        Assert.True(_agent.IsValidPath(Second));
        Assert.Equal(IceCheckOutcome.PathSelected, Handle(IceCheck.Write(Remote, Local), Second).Outcome);
        Assert.Equal(Second, _agent.SelectedPath);
        Assert.Equal(IceCheckOutcome.Accepted, Handle(IceCheck.Write(Remote, Local), Second).Outcome);
    }

    [Fact]
    public void The_session_ends_thirty_seconds_after_the_last_valid_check()
    {
        Handle(IceCheck.Write(Remote, Local), First, atMs: 10_000);
        Handle(IceCheck.Write(Remote, Local with { Password = "guess" }), First, atMs: 39_000);
        Assert.False(_agent.IsExpired(new Instant(0).AddMs(39_999)));
        Assert.True(_agent.IsExpired(new Instant(0).AddMs(40_000)));
        Handle(IceCheck.Write(Remote, Local), First, atMs: 39_999);
        Assert.Equal(new Instant(0).AddMs(69_999), _agent.NextDeadline);
    }

    [Fact]
    public void The_selected_path_survives_a_flood_of_other_paths()
    {
        Handle(IceCheck.Write(Remote, Local), First);
        for (ushort port = 1; port < 100; port++) Handle(IceCheck.Write(Remote, Local, nominate: false), Path(port), atMs: port);
        Assert.True(_agent.IsValidPath(First));
        Assert.True(_agent.IsValidPath(Path(99)));
        Assert.False(_agent.IsValidPath(Path(1)));
    }

    [Fact]
    public void Indications_and_responses_are_not_answered()
    {
        Assert.True(StunMessage.TryParse(new StunWriter(new byte[100], StunMessageType.BindingIndication, new byte[12]).Written, out var message));
        Assert.Equal(new IceCheckResult(IceCheckOutcome.Ignored, 0), _agent.HandleRequest(message, First, default, _reply));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4711)]
    [InlineData(IceCredentials.MaxRoutingId)]
    public void The_routing_id_is_read_from_the_username(long id)
    {
        var credentials = IceCredentials.Create(id);
        Assert.True(IceCredentials.TryReadRoutingId(Encoding.ASCII.GetBytes($"{credentials.Ufrag}:peer"), out long read));
        Assert.Equal(id, read);
        Assert.False(IceCredentials.TryReadRoutingId("short:peer"u8, out _));
        Assert.False(IceCredentials.TryReadRoutingId(Encoding.ASCII.GetBytes(credentials.Ufrag), out _));
        Assert.NotEqual(credentials, IceCredentials.Create(id));
    }

    [Fact]
    public void A_check_is_answered_without_allocating()
    {
        byte[] check = IceCheck.Write(Remote, Local);
        for (int i = 0; i < 200; i++) Handle(check, First);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Handle(check, First);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Mutated_checks_teach_nothing_and_never_throw()
    {
        byte[] valid = IceCheck.Write(Remote, Local);
        Fuzz.Run([valid, IceCheck.Write(Remote, Local, nominate: false)], 8445, input =>
        {
            if (!StunMessage.TryParse(input, out var message)) return;
            _ = _agent.HandleRequest(message, Second, default, _reply);
        }, allocationFree: true);
    }

    private static NetworkPath Path(ushort port) =>
        new(PathTransport.Udp, TransportAddress.FromIPv4(0x7F000001, 9000), TransportAddress.FromIPv4(0x7F000002, port));

    private static byte[] WithUnknownAttribute(ushort type)
    {
        // USE-CANDIDATE is empty like the unknown attribute: its type is overwritten before the message is signed.
        byte[] buffer = new byte[StunMessage.MaxBytes];
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, new byte[12]);
        writer.AddUseCandidate();
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(StunMessage.HeaderBytes), type);
        writer.AddUsername(Encoding.UTF8.GetBytes($"{Local.Ufrag}:{Remote.Ufrag}"));
        writer.AddIntegrity(Encoding.UTF8.GetBytes(Local.Password));
        return writer.Written.ToArray();
    }

    private IceCheckResult Handle(byte[] datagram, NetworkPath path, long atMs = 0)
    {
        if (!StunMessage.TryParse(datagram, out var message)) throw new InvalidOperationException("not STUN");
        return _agent.HandleRequest(message, path, new Instant(0).AddMs(atMs), _reply);
    }

    private void AssertRefused(IceCheckResult result, int code)
    {
        Assert.Equal(IceCheckOutcome.Refused, result.Outcome);
        Assert.True(StunMessage.TryParse(_reply.AsSpan(0, result.ReplyBytes), out var reply));
        Assert.True(reply.TryReadErrorCode(out int actual));
        Assert.Equal(code, actual);
    }
}
