using System.Threading.Channels;

namespace Comms.Signaling.Bridges;

/// <summary>Commands carried out one after the other, away from whoever gives them. Bounded: a full queue drops and counts.</summary>
internal sealed class CommandQueue(string name, BridgeInstruments instruments, ILogger log)
{
    private const int MaxCommands = 32_768;

    private readonly Channel<Func<Task>> _commands = Channel.CreateBounded<Func<Task>>(
        new BoundedChannelOptions(MaxCommands) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public void Enqueue(Func<Task> command)
    {
        if (!_commands.Writer.TryWrite(command))
        {
            instruments.CommandDropped(name);
        }
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (Func<Task> command in _commands.Reader.ReadAllAsync(stopping))
        {
            try
            {
                await command();
            }
            catch (Exception fault) when (GrainFault.IsTransient(fault))
            {
                log.GrainFailed(name, fault.Message);
            }
        }
    }
}
