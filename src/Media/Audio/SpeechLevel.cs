namespace Comms.Media.Audio;

/// <summary>How loud G.711 codes are, from tables of squared samples.</summary>
public static class SpeechLevel
{
    private const double FullScale = 32_768.0 * 32_768.0;

    private static readonly double[] ALawSquares = MakeSquares(G711.DecodeALaw);
    private static readonly double[] MuLawSquares = MakeSquares(G711.DecodeMuLaw);

    /// <summary>The mean of the squared samples; 0 for no codes.</summary>
    public static double MeanSquare(G711Law law, ReadOnlySpan<byte> codes)
    {
        double[] squares = law == G711Law.ALaw ? ALawSquares : MuLawSquares;
        double sum = 0;
        foreach (byte code in codes) sum += squares[code];
        return codes.IsEmpty ? 0 : sum / codes.Length;
    }

    /// <summary>Decibels below full scale; silence is −100.</summary>
    public static double ToDb(double meanSquare) => meanSquare <= FullScale * 1e-10 ? -100 : 10 * Math.Log10(meanSquare / FullScale);

    private static double[] MakeSquares(Func<byte, short> decode)
    {
        var squares = new double[256];
        for (int code = 0; code < squares.Length; code++) squares[code] = (double)decode((byte)code) * decode((byte)code);
        return squares;
    }
}
