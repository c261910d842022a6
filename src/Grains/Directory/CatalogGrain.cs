using Comms.Grains.Contracts;

namespace Comms.Grains.Directory;

/// <summary>The ids of one part of one kind. An id is added before its thing is stored, so none is ever lost.</summary>
public sealed class CatalogGrain([PersistentState("catalog")] IPersistentState<CatalogState> state) : Grain, ICatalogGrain
{
    public async Task Add(string id)
    {
        if (state.State.Ids.Add(id))
        {
            await WriteOrUndo(() => state.State.Ids.Remove(id));
        }
    }

    public async Task AddMany(IReadOnlyList<string> ids)
    {
        string[] added = [.. ids.Where(state.State.Ids.Add)];
        if (added.Length > 0)
        {
            await WriteOrUndo(() => state.State.Ids.ExceptWith(added));
        }
    }

    public async Task Remove(string id)
    {
        if (state.State.Ids.Remove(id))
        {
            await WriteOrUndo(() => state.State.Ids.Add(id));
        }
    }

    public Task<IReadOnlyList<string>> GetIds() => Task.FromResult<IReadOnlyList<string>>([.. state.State.Ids]);

    private async Task WriteOrUndo(Action undo)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            undo();
            throw;
        }
    }
}
