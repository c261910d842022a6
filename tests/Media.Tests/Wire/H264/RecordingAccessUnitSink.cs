using Comms.Media.Wire.H264;

namespace Comms.Media.Tests.Wire.H264;

/// <summary>Copies what a depacketiser hands over.</summary>
internal sealed class RecordingAccessUnitSink : IAccessUnitSink
{
    public List<(uint Timestamp, bool IsKeyFrame, byte[][] NalUnits)> Units { get; } = [];

    public void HandleAccessUnit(in AccessUnit unit)
    {
        var nalUnits = new byte[unit.Count][];
        for (var i = 0; i < unit.Count; i++)
        {
            nalUnits[i] = unit[i].ToArray();
        }

        Units.Add((unit.Timestamp, unit.IsKeyFrame, nalUnits));
    }
}
