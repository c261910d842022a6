using System.Text;
using Comms.Media.Node.Streams;
using Comms.Signaling.Hosting;
using Comms.Signaling.Security;
using Comms.Signaling.Tests.WebRtc;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Security;

public sealed class StreamTokensTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("comms-keys-");
    private readonly StreamTokens _tokens;

    public StreamTokensTests() =>
        _tokens = new StreamTokens(SigningKeys.LoadOrCreate(_folder.FullName, 90, DateTimeOffset.UtcNow), new OneCameraDirectory("cam-1"), TimeProvider.System);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_token_says_who_may_do_what_until_when_and_its_parts_are_a_user_name_and_a_password()
    {
        string token = _tokens.Create(StreamUse.View, "cam-1", "dispatcher", DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.True(_tokens.TryVerify(token, out var grant));
        Assert.Equal((StreamUse.View, "cam-1", "dispatcher"), (grant.Use, grant.CameraId, grant.AccountId));
        string[] parts = token.Split('.');
        Assert.Equal([parts[1]], _tokens.PasswordsOf(parts[0]));
        Assert.False(_tokens.TryVerify(parts[0], "wrong", out _));
        Assert.Empty(_tokens.PasswordsOf("nobody"));
    }

    [Fact]
    public void Mutated_tokens_never_throw_and_none_is_taken()
    {
        string token = _tokens.Create(StreamUse.View, "cam-1", "dispatcher", DateTimeOffset.UtcNow.AddMinutes(1));
        int taken = 0;
        Fuzz.Run([Encoding.UTF8.GetBytes(token)], 7519, mutated =>
        {
            string text = Encoding.UTF8.GetString(mutated);
            if (text != token && _tokens.TryVerify(text, out _)) taken++;
        });
        Assert.Equal(0, taken);
    }
}
