using Comms.Grains.Contracts;

namespace Comms.Grains.Registrations;

/// <summary>Stored contacts of one account.</summary>
[GenerateSerializer, Alias("comms.RegistrationState")]
public sealed class RegistrationState
{
    [Id(0)]
    public List<SipContact> Contacts { get; set; } = [];
}
