namespace Comms.Media.Wire.Stun;

/// <summary>Message types of the one method that ICE uses. RFC 8489 §5, class bits 0x0110 set apart from the method.</summary>
public enum StunMessageType : ushort
{
    BindingRequest = 0x0001,
    BindingIndication = 0x0011,
    BindingSuccess = 0x0101,
    BindingError = 0x0111,
}
