using System.Globalization;
using System.Security.Cryptography;
using Comms.Grains.Storage;

namespace Comms.Signaling.Store;

/// <summary>
/// The keys under which secrets are stored, one per line: a number and 64 hex digits. The first line seals, all lines
/// open: to rotate, put a new line on top. Mode 0600; made when it is missing. Without it no stored secret can be read.
/// </summary>
public static class SecretKeyFile
{
    public const string FileName = "secret-keys";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static IReadOnlyList<SecretKey> LoadOrCreate(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            Write(path, [new SecretKey(1, RandomNumberGenerator.GetBytes(AesGcmSecretBox.KeyBytes))]);
        }

        File.SetUnixFileMode(path, OwnerOnly);
        var keys = new List<SecretKey>();
        foreach (string line in File.ReadLines(path).Where(line => line.Trim().Length > 0))
        {
            keys.Add(Parse(line) ?? throw new StoreException($"The key file {path} has a line that is not a number and 64 hex digits."));
        }

        return keys.Count > 0 ? keys : throw new StoreException($"The key file {path} holds no key.");
    }

    /// <summary>Puts a new key on top; values sealed before stay readable. Takes effect at the next start.</summary>
    public static void Rotate(string folder)
    {
        IReadOnlyList<SecretKey> keys = LoadOrCreate(folder);
        var fresh = new SecretKey(keys.Max(key => key.Id) + 1, RandomNumberGenerator.GetBytes(AesGcmSecretBox.KeyBytes));
        Write(Path.Combine(folder, FileName), [fresh, .. keys]);
    }

    // Written beside and moved over: a crash leaves the old file or the new one, never half a key.
    private static void Write(string path, IReadOnlyList<SecretKey> keys)
    {
        string temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly,
        };
        using (var stream = new FileStream(temporary, options))
        {
            using (var writer = new StreamWriter(stream, leaveOpen: true))
            {
                foreach (SecretKey key in keys)
                {
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key.Id} {Convert.ToHexStringLower(key.Key)}"));
                }
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static SecretKey? Parse(string line)
    {
        string[] parts = line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2
            && uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint id)
            && parts[1].Length == AesGcmSecretBox.KeyBytes * 2
            && parts[1].All(char.IsAsciiHexDigit)
            ? new SecretKey(id, Convert.FromHexString(parts[1]))
            : null;
    }
}
