using Comms.Media.Audio;
using Xunit;

namespace Comms.Media.Tests.Audio;

public class G711Tests
{
    // Decoder output values at the ends of each chord, ITU-T G.711 tables 1a and 1b, scaled to 16 bits.
    [Theory]
    [InlineData(0xD5, 8)]
    [InlineData(0x55, -8)]
    [InlineData(0xDA, 248)]
    [InlineData(0xC5, 264)]
    [InlineData(0xCA, 504)]
    [InlineData(0xF5, 528)]
    [InlineData(0xFA, 1_008)]
    [InlineData(0xE5, 1_056)]
    [InlineData(0xEA, 2_016)]
    [InlineData(0x95, 2_112)]
    [InlineData(0x9A, 4_032)]
    [InlineData(0x85, 4_224)]
    [InlineData(0x8A, 8_064)]
    [InlineData(0xB5, 8_448)]
    [InlineData(0xBA, 16_128)]
    [InlineData(0xA5, 16_896)]
    [InlineData(0xAA, 32_256)]
    [InlineData(0x2A, -32_256)]
    public void A_law_codes_decode_to_the_published_levels(byte code, short level) => Assert.Equal(level, G711.DecodeALaw(code));

    // Decoder output values at the ends of each chord, ITU-T G.711 tables 2a and 2b, scaled to 16 bits.
    [Theory]
    [InlineData(0xFF, 0)]
    [InlineData(0x7F, 0)]
    [InlineData(0xFE, 8)]
    [InlineData(0xF0, 120)]
    [InlineData(0xEF, 132)]
    [InlineData(0xE0, 372)]
    [InlineData(0xDF, 396)]
    [InlineData(0xD0, 876)]
    [InlineData(0xCF, 924)]
    [InlineData(0xC0, 1_884)]
    [InlineData(0xBF, 1_980)]
    [InlineData(0xB0, 3_900)]
    [InlineData(0xAF, 4_092)]
    [InlineData(0xA0, 7_932)]
    [InlineData(0x9F, 8_316)]
    [InlineData(0x90, 15_996)]
    [InlineData(0x8F, 16_764)]
    [InlineData(0x80, 32_124)]
    [InlineData(0x00, -32_124)]
    public void Mu_law_codes_decode_to_the_published_levels(byte code, short level) => Assert.Equal(level, G711.DecodeMuLaw(code));

    [Fact]
    public void Every_code_survives_decoding_and_encoding()
    {
        for (int code = 0; code < 256; code++)
        {
            Assert.Equal(code, G711.EncodeALaw(G711.DecodeALaw((byte)code)));
            // µ-law has two codes for zero; the positive one is sent.
            int expected = code == 0x7F ? 0xFF : code;
            Assert.Equal(expected, G711.EncodeMuLaw(G711.DecodeMuLaw((byte)code)));
        }
    }

    [Theory]
    [InlineData(G711Law.ALaw, 16, 1, 32_767)]
    [InlineData(G711Law.MuLaw, 8, 0, 32_635)]
    public void Every_sample_lies_in_the_interval_of_its_code(G711Law law, int smallestStep, int equalChords, int clipAbove)
    {
        for (int sample = short.MinValue; sample <= short.MaxValue; sample++)
        {
            byte[] code = new byte[1];
            G711.Encode(law, [(short)sample], code);
            int chord = ((law == G711Law.ALaw ? code[0] ^ 0x55 : ~code[0]) >> 4) & 0x07;
            int step = smallestStep << Math.Max(0, chord - equalChords);
            // The level stands in the middle of its interval; µ-law cuts off what is louder than its last interval.
            int clipped = Math.Clamp(sample, -clipAbove - 1, clipAbove);
            Assert.InRange(Math.Abs(Decode(law, code)[0] - clipped), 0, step / 2);
        }
    }

    [Fact]
    public void Silence_is_the_smallest_positive_level()
    {
        Assert.Equal(8, G711.DecodeALaw(G711.Silence(G711Law.ALaw)));
        Assert.Equal(0, G711.DecodeMuLaw(G711.Silence(G711Law.MuLaw)));
    }

    private static short[] Decode(G711Law law, byte[] codes)
    {
        var samples = new short[codes.Length];
        G711.Decode(law, codes, samples);
        return samples;
    }
}
