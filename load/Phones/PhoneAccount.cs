namespace Comms.Phones;

/// <summary>Who a phone signs in as: a token, never a password.</summary>
public sealed record PhoneAccount(string AccountId, string UnitId, string ChannelId, string AccessToken);
