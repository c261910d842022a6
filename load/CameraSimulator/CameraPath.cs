using System.Globalization;

namespace Comms.CameraSimulator;

/// <summary>How a simulated camera behaves.</summary>
internal enum CameraFault
{
    None,

    /// <summary>Sends nothing any more after five seconds, but keeps the connection.</summary>
    Stall,

    /// <summary>Closes the connection after five seconds.</summary>
    Cut,

    /// <summary>Goes on where it is: a player has to wait for the next key frame.</summary>
    Late,

    /// <summary>Its description has no rtpmap and lines that mean nothing.</summary>
    BrokenSdp,

    /// <summary>Bytes that belong to nothing between its frames.</summary>
    Garbage,
}

/// <summary>What a path asks for: <c>/cam/7</c>, <c>/stall/7</c>, <c>/late/7</c>, <c>/h265/7</c>.</summary>
internal readonly record struct CameraPath(int Camera, ClipKind Kind, CameraFault Fault)
{
    public static bool TryParse(string path, int cameras, out CameraPath camera)
    {
        camera = default;
        var parts = path.Split('/');
        if (parts.Length != 3 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < 1 || number > cameras)
        {
            return false;
        }

        camera = parts[1] switch
        {
            "cam" => new CameraPath(number, ClipKind.Plain, CameraFault.None),
            "stall" => new CameraPath(number, ClipKind.Plain, CameraFault.Stall),
            "cut" => new CameraPath(number, ClipKind.Plain, CameraFault.Cut),
            "late" => new CameraPath(number, ClipKind.Plain, CameraFault.Late),
            "badsdp" => new CameraPath(number, ClipKind.Plain, CameraFault.BrokenSdp),
            "garbage" => new CameraPath(number, ClipKind.Plain, CameraFault.Garbage),
            "bframes" => new CameraPath(number, ClipKind.Reordered, CameraFault.None),
            "h265" => new CameraPath(number, ClipKind.H265, CameraFault.None),
            "longgop" => new CameraPath(number, ClipKind.LongGroup, CameraFault.None),
            "nosets" => new CameraPath(number, ClipKind.WithoutSets, CameraFault.None),
            "large" => new CameraPath(number, ClipKind.LargePackets, CameraFault.None),
            _ => default,
        };
        return camera.Camera > 0;
    }
}
