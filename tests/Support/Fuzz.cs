using Xunit;

namespace Comms.Support;

/// <summary>One parser under test: reads the input and returns; any exception is a defect.</summary>
public delegate void FuzzTarget(ReadOnlySpan<byte> input);

/// <summary>
/// Feeds a parser seeded mutations of valid input. A failure names the seed, the iteration and the bytes, so that it
/// becomes a row of a table test.
/// </summary>
public static class Fuzz
{
    /// <summary>Iterations before allocation is measured: just-in-time compilation and first-use caches are not the parser's.</summary>
    private const int WarmUp = 2_000;

    /// <summary>Retained growth below this is noise of the runtime and of tests running beside this one.</summary>
    private const long RetainedBytesTolerated = 64 << 20;

    /// <summary>Type initialisers that a rare input runs late may allocate this much once.</summary>
    private const long AllocatedBytesTolerated = 4096;

    /// <summary>Mutations per target, from COMMS_FUZZ_ITERATIONS; 200,000 unless set.</summary>
    public static int Iterations { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("COMMS_FUZZ_ITERATIONS"), out int count) && count > 0 ? count : 200_000;

    /// <summary>What other tests beside this one retain comes and goes; what the target retains grows in every pass.</summary>
    private const int Passes = 3;

    /// <summary>
    /// Runs <paramref name="target"/> on every corpus item and then on <see cref="Iterations"/> mutations. Asserts that nothing
    /// throws and that retained memory does not grow; with <paramref name="allocationFree"/>, that the thread allocates nothing.
    /// </summary>
    public static void Run(byte[][] corpus, ulong seed, FuzzTarget target, bool allocationFree = false)
    {
        foreach (byte[] item in corpus) RunOne(target, item, seed, -1);
        var mutator = new FuzzMutator(corpus);
        long retained = long.MaxValue;
        for (int pass = 0; pass < Passes && retained >= RetainedBytesTolerated; pass++) retained = RunPass(mutator, seed, target, allocationFree);
        Assert.True(retained < RetainedBytesTolerated, $"{retained} bytes retained after {Iterations} iterations of seed {seed}, in each of {Passes} passes");
    }

    private static long RunPass(FuzzMutator mutator, ulong seed, FuzzTarget target, bool allocationFree)
    {
        long retainedBefore = GC.GetTotalMemory(forceFullCollection: true);
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            if (iteration == WarmUp)
            {
                retainedBefore = GC.GetTotalMemory(forceFullCollection: true);
                allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            }

            RunOne(target, mutator.Mutate(seed + (ulong)iteration), seed, iteration);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        if (allocationFree && Iterations > WarmUp)
            Assert.True(allocated < AllocatedBytesTolerated, $"{allocated} bytes allocated in {Iterations - WarmUp} iterations of seed {seed}");
        return GC.GetTotalMemory(forceFullCollection: true) - retainedBefore;
    }

    private static void RunOne(FuzzTarget target, ReadOnlySpan<byte> input, ulong seed, int iteration)
    {
        try
        {
            target(input);
        }
        catch (Exception error)
        {
            string bytes = Convert.ToHexString(input);
            throw new InvalidOperationException($"fuzz seed {seed} iteration {iteration} input {bytes}: {error.Message}", error);
        }
    }
}
