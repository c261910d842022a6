namespace Comms.Grains.Storage;

/// <summary>How every grain writes: whole, and back to what it was when the store refuses.</summary>
internal static class PersistentStateExtensions
{
    /// <summary>Stores the new state. When that fails the former state is in force again and the failure is the caller's.</summary>
    public static async Task ReplaceAsync<T>(this IPersistentState<T> state, T next)
    {
        T former = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = former;
            throw;
        }
    }
}
