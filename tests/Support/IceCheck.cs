using System.Text;
using Comms.Media.Ice;
using Comms.Media.Wire.Stun;

namespace Comms.Support;

/// <summary>Binding requests as a full, controlling ICE agent sends them. RFC 8445 §7.2.2.</summary>
public static class IceCheck
{
    /// <summary>A check from the side of <paramref name="own"/> towards <paramref name="peer"/>; distinct <paramref name="number"/>s make distinct transactions.</summary>
    public static byte[] Write(IceCredentials own, IceCredentials peer, bool nominate = true, uint number = 1, bool controlled = false)
    {
        byte[] buffer = new byte[StunMessage.MaxBytes];
        byte[] transaction = new byte[StunMessage.TransactionIdBytes];
        BitConverter.TryWriteBytes(transaction, number);
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, transaction);
        writer.AddUsername(Encoding.UTF8.GetBytes($"{peer.Ufrag}:{own.Ufrag}"));
        writer.AddPriority(0x6E7F_00FF);
        if (controlled) writer.AddControlled(7);
        else writer.AddControlling(7);
        if (nominate) writer.AddUseCandidate();
        writer.AddIntegrity(Encoding.UTF8.GetBytes(peer.Password));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
