using System.Text;
using Comms.Grains.Storage;
using Xunit;

namespace Comms.Grains.Tests.Storage;

/// <summary>Secrets open only with a known key, under their own purpose, and unchanged.</summary>
public sealed class SecretBoxTests
{
    private static readonly SecretKey First = new(1, [.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly SecretKey Second = new(2, [.. Enumerable.Repeat((byte)2, 32)]);
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("rtsp password");

    [Fact]
    public void Sealed_bytes_open_under_the_same_purpose_only()
    {
        var box = new AesGcmSecretBox([First]);
        byte[] sealedBytes = box.Seal(Plain, "camera/1");
        Assert.True(box.TryOpen(sealedBytes, "camera/1", out byte[] opened));
        Assert.Equal(Plain, opened);
        Assert.False(box.TryOpen(sealedBytes, "camera/2", out _));
        Assert.DoesNotContain("password", Encoding.UTF8.GetString(sealedBytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Old_key_opens_after_rotation_and_the_new_one_seals()
    {
        byte[] old = new AesGcmSecretBox([First]).Seal(Plain, "p");
        var rotated = new AesGcmSecretBox([Second, First]);
        Assert.True(rotated.TryOpen(old, "p", out _));
        Assert.False(new AesGcmSecretBox([First]).TryOpen(rotated.Seal(Plain, "p"), "p", out _));
    }

    [Fact]
    public void Every_changed_byte_and_every_shortening_is_noticed()
    {
        var box = new AesGcmSecretBox([First]);
        byte[] sealedBytes = box.Seal(Plain, "p");
        for (int at = 0; at < sealedBytes.Length; at++)
        {
            byte[] changed = [.. sealedBytes];
            changed[at] ^= 1;
            Assert.False(box.TryOpen(changed, "p", out _));
            Assert.False(box.TryOpen(sealedBytes.AsSpan(0, at), "p", out _));
        }
    }
}
