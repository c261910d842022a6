using System.Numerics;

namespace Comms.Support;

/// <summary>An in-place radix-2 fast Fourier transform, for correlating whole recordings.</summary>
public static class FourierTransform
{
    /// <summary>Transforms a power-of-two number of values; the inverse is scaled by their number.</summary>
    public static void Transform(Complex[] values, bool inverse)
    {
        Reorder(values);
        for (int size = 2; size <= values.Length; size *= 2)
        {
            Complex root = Complex.FromPolarCoordinates(1, (inverse ? 2 : -2) * Math.PI / size);
            var roots = new Complex[size / 2];
            roots[0] = 1;
            for (int i = 1; i < roots.Length; i++) roots[i] = roots[i - 1] * root;
            for (int start = 0; start < values.Length; start += size)
            {
                for (int i = 0; i < roots.Length; i++)
                {
                    Complex even = values[start + i];
                    Complex odd = values[start + i + roots.Length] * roots[i];
                    values[start + i] = even + odd;
                    values[start + i + roots.Length] = even - odd;
                }
            }
        }
    }

    /// <summary>The sum over i of a[i] · b[i + lag], for every lag; negative lags stand at the end of the result.</summary>
    public static double[] CrossCorrelate(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)(a.Length + b.Length));
        // Both real signals travel in one transform: a as the real part, b as the imaginary part.
        var both = new Complex[size];
        for (int i = 0; i < a.Length; i++) both[i] = a[i];
        for (int i = 0; i < b.Length; i++) both[i] += new Complex(0, b[i]);
        Transform(both, inverse: false);
        var product = new Complex[size];
        for (int i = 0; i < size; i++)
        {
            Complex mirrored = Complex.Conjugate(both[(size - i) & (size - 1)]);
            Complex spectrumA = (both[i] + mirrored) / 2;
            Complex spectrumB = (both[i] - mirrored) / new Complex(0, 2);
            product[i] = Complex.Conjugate(spectrumA) * spectrumB;
        }

        Transform(product, inverse: true);
        return Array.ConvertAll(product, value => value.Real / size);
    }

    private static void Reorder(Complex[] values)
    {
        for (int i = 1, j = 0; i < values.Length; i++)
        {
            int bit = values.Length >> 1;
            for (; (j & bit) != 0; bit >>= 1) j ^= bit;
            j |= bit;
            if (i < j) (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
