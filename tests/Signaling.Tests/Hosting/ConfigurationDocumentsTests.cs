using Comms.Signaling.Hosting;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

/// <summary>comms.json and docs/configuration.md are written from the options records; COMMS_UPDATE_GENERATED=1 rewrites them.</summary>
public sealed class ConfigurationDocumentsTests
{
    [Fact]
    public void The_default_file_has_every_key_with_its_default_and_its_meaning() =>
        GeneratedFile.Check("comms.json", ConfigurationDocuments.WriteJson(ConfigurationDocuments.Read()));

    [Fact]
    public void The_document_has_every_key_with_its_default_and_its_meaning() =>
        GeneratedFile.Check("docs/configuration.md", ConfigurationDocuments.WriteMarkdown(ConfigurationDocuments.Read()));

    [Fact]
    public void The_default_file_sets_exactly_the_defaults()
    {
        var errors = new List<string>();
        CommandArguments line = CommandArguments.Parse(["--config", GeneratedFile.PathOf("comms.json")], errors);

        CommsConfiguration fromFile = CommsConfiguration.Read(line, errors);

        Assert.Empty(errors);
        foreach (OptionsSection section in CommsConfiguration.Sections)
            Assert.Equal(Values(section.Type, Activator.CreateInstance(section.Type)), Values(section.Type, fromFile.Options[section.Type]));
    }

    private static IEnumerable<string> Values(Type type, object? options) =>
        OptionsBinder.Keys(type).Select(key => $"{key.Name}={key.GetValue(options)}");
}
