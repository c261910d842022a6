using Comms.Grains;
using Comms.Grains.Events;
using Comms.Media.Node;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;
using Comms.Signaling.Sip;
using Comms.Signaling.Store;
using Microsoft.Extensions.Configuration;

namespace Comms.Signaling.Hosting;

/// <summary>
/// Every option of this process, bound and validated once at start. Later sources win: comms.json, environment
/// (COMMS_Section__Key), command line.
/// </summary>
public sealed class CommsConfiguration
{
    /// <summary>Every section and the record that holds it.</summary>
    public static readonly IReadOnlyList<OptionsSection> Sections =
    [
        new("Http", typeof(HttpOptions)),
        new("Data", typeof(DataOptions)),
        new("Store", typeof(StoreOptions)),
        new("Grains", typeof(GrainOptions)),
        new("Journal", typeof(JournalOptions)),
        new("Media", typeof(MediaOptions)),
        new("Cameras", typeof(CameraOptions)),
        new("Sip", typeof(SipOptions)),
        new("Security", typeof(SecurityOptions)),
        new("Log", typeof(LogOptions)),
        new("Demo", typeof(DemoOptions)),
    ];

    private const string DefaultFile = "comms.json";
    private const string EnvironmentPrefix = "COMMS_";

    private readonly Dictionary<Type, object> _options = [];

    private CommsConfiguration()
    {
    }

    /// <summary>The bound records, by type.</summary>
    public IReadOnlyDictionary<Type, object> Options => _options;

    public T Get<T>()
        where T : class => (T)_options[typeof(T)];

    /// <summary>The store's options, its folder inside the data folder unless another was set.</summary>
    public StoreOptions StoreIn(DataFolder folder)
    {
        StoreOptions store = Get<StoreOptions>();
        return store.DataFolder == new StoreOptions().DataFolder ? store with { DataFolder = folder.Store } : store;
    }

    /// <summary>Reads all sources. Every fault of every source is in <paramref name="errors"/>, each naming its key.</summary>
    public static CommsConfiguration Read(CommandArguments line, ICollection<string> errors)
    {
        IConfiguration sources = ReadSources(line, errors);
        var configuration = new CommsConfiguration();
        foreach (IConfigurationSection section in sources.GetChildren())
        {
            if (!Sections.Any(known => known.Name.Equals(section.Key, StringComparison.OrdinalIgnoreCase)))
                errors.Add($"{section.Path}: no such section");
        }

        foreach (OptionsSection section in Sections)
            configuration._options[section.Type] = OptionsBinder.Bind(section.Type, sources.GetSection(section.Name), errors);
        foreach (string fault in configuration.Get<MediaOptions>().Validate()) errors.Add($"Media: {fault}");
        return configuration;
    }

    private static IConfigurationRoot ReadSources(CommandArguments line, ICollection<string> errors)
    {
        string file = Path.GetFullPath(line.ConfigFile ?? DefaultFile);
        if (line.ConfigFile is not null && !File.Exists(file)) errors.Add($"--config: {file} does not exist");
        var builder = new ConfigurationBuilder();
        if (File.Exists(file)) builder.AddJsonFile(file, optional: false, reloadOnChange: false);
        builder.AddInMemoryCollection(EnvironmentSettings()).AddInMemoryCollection(line.Settings);
        try
        {
            return builder.Build();
        }
        catch (Exception fault) when (fault is InvalidDataException or FormatException or IOException)
        {
            errors.Add($"{file}: {fault.InnerException?.Message ?? fault.Message}");
            return new ConfigurationBuilder().Build();
        }
    }

    /// <summary>Only names with a section ("__") are settings; other variables may share the prefix.</summary>
    private static Dictionary<string, string?> EnvironmentSettings() => new ConfigurationBuilder()
        .AddEnvironmentVariables(EnvironmentPrefix).Build().AsEnumerable()
        .Where(pair => pair.Key.Contains(':') && pair.Value is not null)
        .ToDictionary(pair => pair.Key, pair => pair.Value);
}

/// <summary>One section of the configuration.</summary>
public sealed record OptionsSection(string Name, Type Type);
