using System.Diagnostics;

namespace Comms.Support;

/// <summary>Waits for something that another process or thread brings about; a wait that fails says what it waited for.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(Func<bool> isSo, string what) => TrueAsync(() => Task.FromResult(isSo()), what);

    public static async Task TrueAsync(Func<Task<bool>> isSo, string what)
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(AskEvery);
        while (!await isSo())
        {
            if (waited.Elapsed > Limit) throw new TimeoutException($"Not so after {Limit.TotalSeconds} s: {what}");
            await timer.WaitForNextTickAsync();
        }
    }
}
