namespace Comms.Media.Wire.TelephoneEvent;

/// <summary>One edge of one key press. <paramref name="Code"/> is the event code, 0 to 15.</summary>
public readonly record struct TelephoneKey(byte Code, bool IsDown);
