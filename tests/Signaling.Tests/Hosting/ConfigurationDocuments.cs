using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Comms.Signaling.Hosting;

namespace Comms.Signaling.Tests.Hosting;

/// <summary>Writes the documents of the configuration from the options records and the summaries in their source files.</summary>
internal static partial class ConfigurationDocuments
{
    public static IReadOnlyList<DocumentedSection> Read() =>
        [.. CommsConfiguration.Sections.Select(section => ReadSection(section, File.ReadAllText(SourceOf(section.Type))))];

    public static string WriteJson(IReadOnlyList<DocumentedSection> sections)
    {
        var text = new StringBuilder();
        text.Append("// The whole default configuration. Every key may also be set by the environment (COMMS_Http__Port=9000) and on the\n");
        text.Append("// command line (--Http:Port 9000); the command line wins over the environment, the environment over this file.\n");
        text.Append("// A key that is left out has the value shown here. Changes take effect at the next start.\n{\n");
        text.AppendJoin(",\n\n", sections.Select(WriteSection));
        return text.Append("\n}\n").ToString();
    }

    public static string WriteMarkdown(IReadOnlyList<DocumentedSection> sections)
    {
        var text = new StringBuilder("# Configuration\n\n");
        text.Append("The server reads `comms.json` in the folder it is started in, or the file that `--config FILE` names; then the\n");
        text.Append("environment (`COMMS_Section__Key`); then the command line (`--Section:Key value`). Later sources win. All faults are\n");
        text.Append("listed at once with their keys, and the server ends with code 2. Relative paths start from the folder it is started in.\n");
        foreach (DocumentedSection section in sections)
        {
            text.Append($"\n## {section.Name}\n\n{section.Summary}\n\n| key | default | range | meaning |\n|---|---|---|---|\n");
            foreach (DocumentedKey key in section.Keys)
                text.Append($"| `{section.Name}:{key.Name}` | {Code(key.DefaultText)} | {key.Range} | {key.Summary.Replace("|", "\\|")} |\n");
        }

        return text.ToString();
    }

    private static string WriteSection(DocumentedSection section)
    {
        var text = new StringBuilder();
        foreach (string line in Wrap(section.Summary, 108)) text.Append($"  // {line}\n");
        text.Append($"  \"{section.Name}\": {{\n");
        text.AppendJoin(",\n", section.Keys.Select(key =>
        {
            var lines = new StringBuilder();
            string meaning = key.Range.Length > 0 ? $"{key.Summary} Range {key.Range}." : key.Summary;
            foreach (string line in Wrap(meaning, 106)) lines.Append($"    // {line}\n");
            return lines.Append($"    \"{key.Name}\": {key.DefaultJson}").ToString();
        }));
        return text.Append("\n  }").ToString();
    }

    private static DocumentedSection ReadSection(OptionsSection section, string source)
    {
        object defaults = Activator.CreateInstance(section.Type)!;
        var keys = OptionsBinder.Keys(section.Type).Select(property => new DocumentedKey(
            property.Name,
            SummaryBefore(source, $@"public (required )?[\w?<>]+ {property.Name}\b"),
            JsonSerializer.Serialize(property.PropertyType.IsEnum ? $"{property.GetValue(defaults)}" : property.GetValue(defaults)),
            RangeOf(property)));
        return new DocumentedSection(section.Name, SummaryBefore(source, $@"public sealed record {section.Type.Name}\b"), [.. keys]);
    }

    private static string SummaryBefore(string source, string declaration)
    {
        Match match = Regex.Match(source, $@"((?:[ \t]*///[^\n]*\n)+)(?:[ \t]*\[[^\n]*\]\n)*[ \t]*{declaration}");
        if (!match.Success) throw new InvalidOperationException($"No summary before {declaration}.");
        string text = Regex.Replace(match.Groups[1].Value, @"[ \t]*///[ \t]?", " ");
        text = Reference().Replace(text, reference => "`" + reference.Groups[1].Value.Split('.')[^1] + "`");
        return Spaces().Replace(Tag().Replace(text, ""), " ").Trim();
    }

    private static string RangeOf(PropertyInfo property)
    {
        if (property.PropertyType.IsEnum) return string.Join(", ", Enum.GetNames(property.PropertyType));
        return property.GetCustomAttribute<RangeAttribute>() is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}")
            : "";
    }

    private static string SourceOf(Type type) =>
        Directory.EnumerateFiles(GeneratedFile.PathOf("src"), type.Name + ".cs", SearchOption.AllDirectories).Single();

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        yield return line.ToString();
    }

    private static string Code(string text) => text.Length == 0 ? "" : $"`{text}`";

    [GeneratedRegex(@"<(?:see|paramref) (?:cref|name)=""([^""]+)""\s*/>")]
    private static partial Regex Reference();

    [GeneratedRegex("</?(summary|c|remarks)>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

/// <summary>One section of the configuration as it is documented.</summary>
internal sealed record DocumentedSection(string Name, string Summary, IReadOnlyList<DocumentedKey> Keys);

/// <summary>One key as it is documented; the default as JSON.</summary>
internal sealed record DocumentedKey(string Name, string Summary, string DefaultJson, string Range)
{
    public string DefaultText => DefaultJson == "\"\"" ? "" : DefaultJson.Trim('"');
}
