using System.Text.RegularExpressions;
using Xunit;

namespace Comms.Repo.Tests;

/// <summary>Words that the server sends have texts on the pages.</summary>
public sealed partial class WordTests
{
    [Theory]
    [InlineData("FloorDenyCause", "deny")]
    [InlineData("FloorRevokeCause", "deny")]
    [InlineData("FloorRevokeCause", "ended")]
    public void Every_cause_of_a_floor_decision_has_a_text_in_both_languages(string type, string prefix)
    {
        string source = Repository.Read("src/Grains/Contracts/Floor.cs");
        string body = source[source.IndexOf($"enum {type}", StringComparison.Ordinal)..];
        var causes = Member().Matches(body[..body.IndexOf('}', StringComparison.Ordinal)]).Select(m => m.Groups[1].Value).Where(name => name != "None").ToArray();
        Assert.NotEmpty(causes);

        var offenders = from language in new[] { "en", "zh" }
                        let texts = Repository.Read($"web-client/src/i18n/{language}.ts")
                        from cause in causes
                        let key = $"{prefix}.{char.ToLowerInvariant(cause[0])}{cause[1..]}"
                        where !texts.Contains($"\"{key}\":", StringComparison.Ordinal)
                        select $"{language}: {key}";

        Offenders.None(offenders);
    }

    [GeneratedRegex(@"^\s+(\w+) = \d+,", RegexOptions.Multiline)]
    private static partial Regex Member();
}
