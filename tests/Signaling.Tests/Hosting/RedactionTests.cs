using Comms.Signaling.Hosting;
using Serilog;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

public sealed class RedactionTests
{
    private const string Token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl";

    [Theory]
    [InlineData("GET /hub?id=7&access_token=" + Token + "&x=1", "GET /hub?id=7&access_token=***&x=1")]
    [InlineData("Authorization: Bearer " + Token, "Authorization: Bearer ***")]
    [InlineData("token " + Token + " refused", "token *** refused")]
    [InlineData("{\"userName\":\"wang\",\"password\":\"geheim 1\"}", "{\"userName\":\"wang\",\"password\":\"*** 1\"}")]
    [InlineData("rtsp://admin:12345@192.0.2.9/stream?key=1 failed", "rtsp://*** failed")]
    [InlineData("https://user:word@host/path", "https://***@host/path")]
    [InlineData("refresh r1.YWRtaW4.fErrkGvcPUKZEDT1sHEvlSmXISBiAnC8IBbcnjBye68 spent", "refresh *** spent")]
    [InlineData("Digest username=\"r1\", response=\"0123456789abcdef\"", "Digest username=\"r1\", response=\"***\"")]
    [InlineData("a=ice-pwd:abcdefghijklmnopqrstuv", "a=ice-pwd:***")]
    [InlineData("localhost:6379,password=geheim,abortConnect=false", "localhost:6379,password=***,abortConnect=false")]
    [InlineData("the floor of police was granted to u-police1", "the floor of police was granted to u-police1")]
    public void Secrets_leave_a_line_and_the_rest_stays(string line, string redacted) => Assert.Equal(redacted, Redaction.Apply(line));

    [Fact]
    public void The_log_file_holds_no_secret_of_properties_or_exceptions()
    {
        string root = Directory.CreateTempSubdirectory("comms-log-").FullName;
        using var folder = new DataFolder(root);
        Assert.True(folder.TryOpen());
        using (var log = LogSetup.Create(new LogOptions(), folder))
        {
            ILogger ours = log.ForContext("SourceContext", "Comms.Test");
            ours.Information("Opened {Url} with {@Login}", "rtsp://a:b@192.0.2.1/x", new { userName = "wang", password = "geheim" });
            ours.Error(new InvalidOperationException("access_token=" + Token), "It failed");
        }

        string text = string.Concat(Directory.GetFiles(folder.Logs).Select(File.ReadAllText));
        folder.Dispose();
        Directory.Delete(root, recursive: true);

        Assert.Contains("It failed", text, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a:b", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
    }
}
