namespace Comms.Browser;

/// <summary>What a simulated camera draws into every picture: which camera it is and which frame. See load/CameraSimulator/README.md.</summary>
public sealed record CameraPicture(int CameraNumber, int FrameNumber)
{
    /// <summary>Frame numbers begin again after this many: a clip's length.</summary>
    public const int FramesPerClip = 500;

    private const double Width = 640;
    private const double Height = 360;
    private const int Threshold = 128;

    /// <summary>Block centres, the camera's four first.</summary>
    public static readonly (double X, double Y)[] Points =
    [
        .. Enumerable.Range(0, 4).Select(block => ((block * 40 + 20) / Width, 20 / Height)),
        .. Enumerable.Range(0, 12).Select(block => ((block * 24 + 12) / Width, 52 / Height)),
    ];

    public static CameraPicture Read(Pixel[] pixels)
    {
        int camera = 0, frame = 0;
        foreach (Pixel pixel in pixels[..4])
            camera = camera << 3 | Bit(pixel.Red) << 2 | Bit(pixel.Green) << 1 | Bit(pixel.Blue);
        foreach (Pixel pixel in pixels[4..])
            frame = frame << 1 | Bit(pixel.Green);
        return new CameraPicture(camera, frame);
    }

    /// <summary>How many frames later this picture is than another of the same clip, 0 to 499.</summary>
    public int FramesSince(CameraPicture earlier) => (FrameNumber - earlier.FrameNumber + FramesPerClip) % FramesPerClip;

    private static int Bit(int level) => level >= Threshold ? 1 : 0;
}
