using Comms.Signaling.Hosting;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

public sealed class CommandArgumentsTests
{
    private readonly List<string> _errors = [];

    [Fact]
    public void Settings_are_taken_with_a_space_or_an_equals_sign()
    {
        CommandArguments line = CommandArguments.Parse(["--Http:Port", "0", "--Data:Path=/srv/a=b"], _errors);

        Assert.Empty(_errors);
        Assert.Equal("0", line.Settings["Http:Port"]);
        Assert.Equal("/srv/a=b", line.Settings["Data:Path"]);
    }

    [Fact]
    public void Files_and_flags_are_taken()
    {
        CommandArguments line = CommandArguments.Parse(["--config", "c.json", "--backup=b.tgz", "--restore", "r.tgz", "--force", "--empty"], _errors);

        Assert.Empty(_errors);
        Assert.Equal(("c.json", "b.tgz", "r.tgz"), (line.ConfigFile, line.BackupFile, line.RestoreFile));
        Assert.True(line.Force && line.Empty);
        Assert.Equal("false", line.Settings["Demo:Enabled"]);
    }

    [Fact]
    public void Every_fault_is_named()
    {
        CommandArguments.Parse(["--nonsense", "word", "--Http:Port"], _errors);

        Assert.Equal(["--nonsense: unknown option", "word: unknown option", "--Http:Port: a value must follow"], _errors);
    }

    [Fact]
    public void Later_sources_win_and_all_faults_are_listed_at_once()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """
                // Comments are allowed.
                { "Http": { "Port": 1234, "HttpsPort": 99999, "Prot": 1 }, "Htp": {}, "Log": { "Console": "Loud", "KeepDays": "x" }, }
                """);
            CommandArguments line = CommandArguments.Parse(["--config", file, "--Http:Port", "0"], _errors);

            CommsConfiguration configuration = CommsConfiguration.Read(line, _errors);

            Assert.Equal(0, configuration.Get<HttpOptions>().Port);
            Assert.Equal(5, _errors.Count);
            foreach (string key in (string[])["Htp", "Http:Prot", "Http:HttpsPort", "Log:Console", "Log:KeepDays"])
                Assert.Contains(_errors, error => error.StartsWith(key + ":", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_file_that_is_no_JSON_and_a_file_that_is_missing_are_faults()
    {
        CommsConfiguration.Read(CommandArguments.Parse(["--config", "/nowhere/comms.json"], _errors), _errors);

        Assert.Contains("--config: /nowhere/comms.json does not exist", _errors);
    }
}
