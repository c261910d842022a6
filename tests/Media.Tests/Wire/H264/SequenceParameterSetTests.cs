using Comms.Media.Wire.H264;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.H264;

public sealed class SequenceParameterSetTests
{
    // Written by x264 for 640x362 at 25 frames a second.
    private const string Baseline = "6742c01ed900a02ff93011000003000100000300320f162e48";
    private const string HighWithTwoBFrames = "6764001eacd940a02ff93011000003000100000300320f162d96";
    private const string MainWithoutBFrames = "674d401ed900a02ff93011000003000100000300320f162e48";

    [Theory]
    [InlineData(Baseline, 66, 0)]
    [InlineData(HighWithTwoBFrames, 100, 2)]
    [InlineData(MainWithoutBFrames, 77, 0)]
    public void Profile_size_and_reordering_are_read(string hex, int profile, int reorderFrames)
    {
        Assert.True(SequenceParameterSet.TryParse(Convert.FromHexString(hex), out var parameters));
        Assert.Equal(profile, parameters.ProfileIdc);
        Assert.Equal(30, parameters.LevelIdc);
        Assert.Equal(640, parameters.WidthPixels);
        Assert.Equal(362, parameters.HeightPixels);
        Assert.Equal(reorderFrames, parameters.ReorderFrames);
    }

    [Fact]
    public void A_truncated_set_is_refused()
    {
        Assert.False(SequenceParameterSet.TryParse(Convert.FromHexString(Baseline).AsSpan(0, 7), out _));
    }

    [Fact]
    public void Mutated_sets_never_throw()
    {
        byte[][] corpus = [Convert.FromHexString(Baseline), Convert.FromHexString(HighWithTwoBFrames), Convert.FromHexString(MainWithoutBFrames)];
        Fuzz.Run(corpus, 7101, static input => _ = SequenceParameterSet.TryParse(input, out _), allocationFree: true);
    }
}
