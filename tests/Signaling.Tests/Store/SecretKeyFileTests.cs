using Comms.Grains.Storage;
using Comms.Signaling.Store;
using Xunit;

namespace Comms.Signaling.Tests.Store;

/// <summary>The key file is made once, is the owner's alone, and can be rotated.</summary>
public sealed class SecretKeyFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("comms-keys-");

    private string KeyPath => Path.Combine(_folder.FullName, SecretKeyFile.FileName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Key_is_made_once_and_a_readable_file_is_closed_again()
    {
        IReadOnlyList<SecretKey> made = SecretKeyFile.LoadOrCreate(_folder.FullName);
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        IReadOnlyList<SecretKey> read = SecretKeyFile.LoadOrCreate(_folder.FullName);
        Assert.Equal(made[0].Key, read[0].Key);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
    }

    [Fact]
    public void Rotation_puts_a_new_key_on_top_and_keeps_the_old_one()
    {
        byte[] old = SecretKeyFile.LoadOrCreate(_folder.FullName)[0].Key;
        SecretKeyFile.Rotate(_folder.FullName);
        IReadOnlyList<SecretKey> keys = SecretKeyFile.LoadOrCreate(_folder.FullName);
        Assert.Equal([2u, 1u], keys.Select(key => key.Id));
        Assert.Equal(old, keys[1].Key);
        Assert.NotEqual(old, keys[0].Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 00ff")]
    [InlineData("x 0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("1 000000000000000000000000000000000000000000000000000000000000000g")]
    public void Damaged_file_is_refused_with_its_path(string content)
    {
        File.WriteAllText(KeyPath, content);
        StoreException refusal = Assert.Throws<StoreException>(() => SecretKeyFile.LoadOrCreate(_folder.FullName));
        Assert.Contains(KeyPath, refusal.Message, StringComparison.Ordinal);
    }
}
