using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Rehearsals;
using Microsoft.Extensions.DependencyInjection;

namespace Comms.Grains;

/// <summary>What the grains need from the silo's services. The caller adds a TimeProvider, an ISecretBox and an IJournalStore.</summary>
public static class GrainServices
{
    public static IServiceCollection AddGrainServices(
        this IServiceCollection services, GrainOptions options, JournalOptions journal)
    {
        services.AddMetrics();
        services.AddSingleton(options);
        services.AddSingleton(journal);
        services.AddSingleton<GrainInstruments>();
        services.AddSingleton<DirectoryIndex>();
        services.AddSingleton<IDirectoryIndex>(provider => provider.GetRequiredService<DirectoryIndex>());
        services.AddSingleton<CatalogWriter>();
        services.AddSingleton<Journal>();
        services.AddSingleton<IJournal>(provider => provider.GetRequiredService<Journal>());
        services.AddHostedService(provider => provider.GetRequiredService<Journal>());
        services.AddHostedService<RehearsalExpiry>();
        return services;
    }
}
