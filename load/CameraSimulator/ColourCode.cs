using System.Globalization;
using System.Text;

namespace Comms.CameraSimulator;

/// <summary>
/// The machine-readable part of a picture as an ffmpeg filter: four colour blocks that number the camera and twelve
/// black-or-white blocks that number the frame. README.md draws the layout.
/// </summary>
internal static class ColourCode
{
    /// <summary>Four blocks of three bits.</summary>
    public const int MaxCamera = 4095;

    private const int ColourBlocks = 4;
    private const int FrameBits = 12;
    private const int ColourBlockPixels = 40;
    private const int FrameBlockPixels = 24;

    /// <summary>drawbox filters, comma-separated.</summary>
    public static string Filter(int camera)
    {
        var filter = new StringBuilder();
        for (var block = 0; block < ColourBlocks; block++)
        {
            var bits = (camera >> (3 * (ColourBlocks - 1 - block))) & 7;
            var colour = $"0x{((bits & 4) != 0 ? "FF" : "00")}{((bits & 2) != 0 ? "FF" : "00")}{((bits & 1) != 0 ? "FF" : "00")}";
            Box(filter, block * ColourBlockPixels, 0, ColourBlockPixels, colour, null);
        }

        for (var bit = 0; bit < FrameBits; bit++)
        {
            var x = (FrameBits - 1 - bit) * FrameBlockPixels;
            Box(filter, x, ColourBlockPixels, FrameBlockPixels, "black", null);
            Box(filter, x, ColourBlockPixels, FrameBlockPixels, "white", string.Create(CultureInfo.InvariantCulture, $"mod(floor(n/{1 << bit}),2)"));
        }

        return filter.ToString(0, filter.Length - 1);
    }

    private static void Box(StringBuilder filter, int x, int y, int size, string colour, string? enable)
    {
        filter.Append(CultureInfo.InvariantCulture, $"drawbox=x={x}:y={y}:w={size}:h={size}:color={colour}:t=fill");
        filter.Append(enable is null ? "," : $":enable='{enable}',");
    }
}
