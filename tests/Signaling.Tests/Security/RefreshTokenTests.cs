using System.Text;
using Comms.Signaling.Security;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Security;

public sealed class RefreshTokenTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_token_names_its_account_and_no_two_are_equal()
    {
        string token = RefreshTokenText.Create("police1");

        Assert.True(RefreshTokenText.TryReadAccount(token, out string account));
        Assert.Equal("police1", account);
        Assert.NotEqual(token, RefreshTokenText.Create("police1"));
        Assert.Equal(64, RefreshTokenText.Sha256(token).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("r1..")]
    [InlineData("r2.YWRtaW4.AAAA")]
    [InlineData("r1.YWRtaW4.AAAA")]
    [InlineData("r1.YWRtaW4.AAAA.AAAA")]
    public void A_text_of_another_shape_is_no_token(string text) => Assert.False(RefreshTokenText.TryReadAccount(text, out _));

    [Fact]
    public void Mutated_tokens_are_read_or_refused() => Fuzz.Run(
        [Encoding.UTF8.GetBytes("r1.cG9saWNlMQ.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")],
        seed: 41,
        bytes => RefreshTokenText.TryReadAccount(Encoding.UTF8.GetString(bytes), out _));

    [Fact]
    public async Task A_client_that_lost_the_answer_gets_the_same_one_again_for_a_while()
    {
        var replies = new RepeatedReplies<int>(TimeSpan.FromSeconds(30));
        int made = 0;
        Task<int> Make() => Task.FromResult(++made);

        Assert.Equal(1, await replies.GetAsync("a", Start, Make));
        Assert.Equal(1, await replies.GetAsync("a", Start.AddSeconds(30), Make));
        Assert.Equal(2, await replies.GetAsync("b", Start.AddSeconds(30), Make));
        Assert.Equal(3, await replies.GetAsync("a", Start.AddSeconds(31), Make));
    }

    [Fact]
    public async Task A_failed_answer_is_not_kept()
    {
        var replies = new RepeatedReplies<int>(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            replies.GetAsync("a", Start, () => Task.FromException<int>(new InvalidOperationException())));

        Assert.Equal(7, await replies.GetAsync("a", Start, () => Task.FromResult(7)));
    }
}
