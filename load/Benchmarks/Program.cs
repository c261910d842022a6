using System.Globalization;
using System.Text.Json;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Comms.Benchmarks;

if (args is ["fanout", ..]) return await FanoutBench.RunAsync(args[1..]);

// In this process and without the report files: the table is printed here, and the last line is the JSON.
var config = ManualConfig.CreateEmpty()
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(NullLogger.Instance)
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationCount(15))
    .WithOptions(ConfigOptions.DisableLogFile);
Console.WriteLine("measuring the steps of one packet…");
var summary = BenchmarkRunner.Run<PacketBenchmarks>(config);

var budgets = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "budgets.json"))).RootElement.GetProperty("packets");
Console.WriteLine($"{"step",-36}{"profile",-24}{"ns",10}{"to AesGcm",12}{"bytes allocated",18}");
var steps = new List<object>();
var overBudget = new List<string>();
// .NET's AesGcm stands beside both profiles; the faster of the two is the yardstick.
double yardstickNs = summary.Reports.Where(r => r.BenchmarkCase.Descriptor.Baseline).Min(r => r.ResultStatistics?.Mean ?? double.NaN);
foreach (var report in summary.Reports)
{
    string step = StepOf(report);
    string profile = report.BenchmarkCase.Parameters["Profile"].ToString() ?? "";
    double ns = report.ResultStatistics?.Mean ?? double.NaN;
    long bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? -1;
    if (budgets.TryGetProperty(step, out var budget)
        && (!(ns / yardstickNs <= budget.GetProperty("ratio_to_aesgcm").GetDouble()) || bytes != budget.GetProperty("bytes_allocated").GetInt64()))
        overBudget.Add($"{step} ({profile})");
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step,-36}{profile,-24}{ns,10:F0}{ns / yardstickNs,12:F2}{bytes,18}"));
    steps.Add(new { step, profile, ns = Math.Round(ns, 1), ratio_to_aesgcm = Math.Round(ns / yardstickNs, 2), bytes_allocated = bytes });
}

overBudget.AddRange(budgets.EnumerateObject().Select(step => step.Name).Where(name => summary.Reports.All(report => StepOf(report) != name)).Select(name => $"{name} was not measured"));
Console.WriteLine("measuring the whole way through a node…");
ForwardingFigures forwarding = await WholePath.MeasureAsync();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"forwarded {forwarding.Forwarded} packets to {forwarding.Listeners} listeners: {forwarding.LoopUsPerPacket:F2} us of loop CPU and {forwarding.BytesPerPacket:F3} bytes allocated each"));
Console.WriteLine(JsonSerializer.Serialize(new
{
    steps,
    over_budget = overBudget,
    listeners = forwarding.Listeners,
    packets_forwarded = forwarding.Forwarded,
    packets_lost = forwarding.Lost,
    loop_us_per_packet = Math.Round(forwarding.LoopUsPerPacket, 2),
    bytes_allocated_per_packet = forwarding.BytesPerPacket,
}));
foreach (string step in overBudget) Console.Error.WriteLine($"over its budget (load/budgets.json): {step}");
return steps.Count == 0 || overBudget.Count > 0 || forwarding.BytesPerPacket != 0 || forwarding.Lost != 0 ? 1 : 0;

static string StepOf(BenchmarkDotNet.Reports.BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
