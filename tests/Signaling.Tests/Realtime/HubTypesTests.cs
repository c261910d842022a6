using Comms.Signaling.Realtime;
using Xunit;

namespace Comms.Signaling.Tests.Realtime;

public sealed class HubTypesTests
{
    [Fact]
    public void The_web_client_has_the_hub_s_types_as_they_are() =>
        GeneratedFile.Check("web-client/src/protocol/hub.ts", HubTypes.Generate());
}
