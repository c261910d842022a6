using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Signaling.Store;

/// <summary>Puts every category of the embedded store under "Garnet.", so that one setting speaks for all of them.</summary>
internal sealed class GarnetLoggers(ILoggerFactory inner) : ILoggerFactory
{
    /// <summary>Its one message is about settings that do not concern a store within another program.</summary>
    private const string ArgumentParser = "ArgParser";

    public ILogger CreateLogger(string categoryName) =>
        categoryName == ArgumentParser ? NullLogger.Instance : inner.CreateLogger($"Garnet.{categoryName}");

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>The inner factory is the host's and stays.</summary>
    public void Dispose()
    {
    }
}
