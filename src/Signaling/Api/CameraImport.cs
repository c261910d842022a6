using System.Collections.Concurrent;
using System.Text;
using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;

namespace Comms.Signaling.Api;

/// <summary>Carries out an import: listed first by one write for each part of the catalog, then stored side by side. One at a time.</summary>
public sealed class CameraImport(IGrainFactory grains, IDirectoryIndex directory, CatalogWriter catalog)
{
    /// <summary>Grain calls in flight: enough to hide the store's latency, few enough to leave room for everyone else.</summary>
    private const int Parallelism = 64;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _running;

    /// <summary>The bytes as UTF-8, or as GB 18030, in which Chinese spreadsheets write.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!.GetString(bytes);
        }
    }

    /// <summary>Judges the file, and stores what is good unless it is a dry run. Null: another import runs.</summary>
    public async Task<CameraImportAnswer?> RunAsync(string text, Caller caller, bool dryRun)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0) return null;
        try
        {
            CameraImportPlan plan = CameraImportPlan.Make(text, new Scope(caller, directory), directory);
            IReadOnlyCollection<ImportFault> refused = dryRun ? [] : await StoreAsync(plan.Cameras, caller.ActorVia("import"));
            HashSet<int> refusedLines = [.. refused.Select(fault => fault.Line)];
            PlannedCamera[] good = [.. plan.Cameras.Where(camera => !refusedLines.Contains(camera.Line))];
            ImportFault[] faults = [.. plan.Faults.Concat(refused).OrderBy(fault => fault.Line)];
            return new CameraImportAnswer(
                dryRun, plan.Rows, good.Count(camera => camera.IsNew), good.Count(camera => !camera.IsNew), plan.Unchanged,
                faults.Select(fault => fault.Line).Distinct().Count(), faults);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<IReadOnlyCollection<ImportFault>> StoreAsync(IReadOnlyList<PlannedCamera> cameras, Actor actor)
    {
        var refused = new ConcurrentBag<ImportFault>();
        await catalog.ListAsync(CatalogKind.Camera, cameras.Where(camera => camera.IsNew).Select(camera => camera.Definition.Id));
        await Parallel.ForEachAsync(cameras, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (camera, _) =>
        {
            if (await PutAsync(camera, actor) is { } fault) refused.Add(new ImportFault(camera.Line, camera.Definition.Id, "", fault));
        });
        return refused;
    }

    // A row that the store does not take is one fault more; the others go on.
    private async Task<string?> PutAsync(PlannedCamera camera, Actor actor)
    {
        try
        {
            Outcome outcome = await grains.GetGrain<ICameraGrain>(camera.Definition.Id).Put(camera.Definition, camera.Sources, actor);
            return outcome.IsOk ? null : outcome.Detail;
        }
        catch (Exception fault) when (GrainFault.IsTransient(fault))
        {
            return "the store did not take it";
        }
    }
}

/// <summary>What an import did, or would do.</summary>
public sealed record CameraImportAnswer(
    bool DryRun, int Rows, int Created, int Changed, int Unchanged, int Faulty, IReadOnlyList<ImportFault> Faults);
