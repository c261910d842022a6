using System.Globalization;
using Comms.Grains.Contracts;

namespace Comms.Signaling.Api;

/// <summary>
/// What an import would do, decided before anything is stored: every row is judged by itself, so that one bad row costs
/// only itself and the report names them all.
/// </summary>
public sealed class CameraImportPlan
{
    /// <summary>Ten thousand cameras, several times over.</summary>
    public const int MaxRows = 50_000;

    private readonly Scope _scope;
    private readonly IDirectoryIndex _directory;
    private readonly HashSet<string> _towns;
    private readonly Dictionary<string, string> _idOfCode;
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly List<PlannedCamera> _cameras = [];
    private readonly List<ImportFault> _faults = [];

    private CameraImportPlan(Scope scope, IDirectoryIndex directory)
    {
        _scope = scope;
        _directory = directory;
        _towns = [.. directory.Towns.Select(town => town.Id)];
        _idOfCode = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string id in directory.CameraIds)
        {
            if (directory.FindCamera(id) is { GbCode.Length: > 0 } camera) _idOfCode[camera.GbCode] = id;
        }
    }

    public int Rows { get; private set; }

    /// <summary>Rows that say what is stored already.</summary>
    public int Unchanged { get; private set; }

    /// <summary>What is to be stored, in the order of the file.</summary>
    public IReadOnlyList<PlannedCamera> Cameras => _cameras;

    public IReadOnlyList<ImportFault> Faults => _faults;

    /// <summary>Judges a whole file. A file that cannot be read at all is one fault of its first line.</summary>
    public static CameraImportPlan Make(string text, Scope scope, IDirectoryIndex directory)
    {
        var plan = new CameraImportPlan(scope, directory);
        if (!CsvText.TryRead(text.AsSpan().TrimStart(CameraCsv.ByteOrderMark[0]), MaxRows + 1, out List<CsvRecord> records, out string fault))
            plan._faults.Add(new ImportFault(1, "", "", fault));
        else if (plan.ReadHeader(records))
            foreach (CsvRecord record in records.Skip(1)) plan.Judge(record);
        return plan;
    }

    private bool ReadHeader(List<CsvRecord> records)
    {
        if (records.Count == 0)
        {
            _faults.Add(new ImportFault(1, "", CameraCsv.Id, "the file is empty"));
            return false;
        }

        for (int i = 0; i < records[0].Cells.Length; i++)
        {
            string name = records[0].Cells[i].Trim();
            if (!CameraCsv.Columns.Contains(name)) _faults.Add(new ImportFault(records[0].Line, "", name, "no such column"));
            else if (!_columns.TryAdd(name, i)) _faults.Add(new ImportFault(records[0].Line, "", name, "the column is there twice"));
        }

        if (!_columns.ContainsKey(CameraCsv.Id)) _faults.Add(new ImportFault(records[0].Line, "", CameraCsv.Id, "the column is missing"));
        return _faults.Count == 0;
    }

    private void Judge(CsvRecord record)
    {
        Rows++;
        var row = new Row(record, _columns);
        string id = row.Text(CameraCsv.Id, "");
        var faults = new BodyFaults();
        faults.Id(CameraCsv.Id, id);
        if (record.Cells.Length > _columns.Count) faults.Add("", "has more cells than the header");
        if (!_ids.Add(id)) faults.Add(CameraCsv.Id, "is in the file twice");
        CameraDefinition? former = faults.IsEmpty ? _directory.FindCamera(id) : null;
        CameraBody body = BodyOf(row, former, faults);
        body.Validate(faults);
        CheckPlace(body, former, faults);
        CheckCode(id, body.GbCode, faults);
        if (former is null && body.Source is null) faults.Add("source.url", "a new camera needs its source");
        if (!faults.IsEmpty)
        {
            foreach (var (member, texts) in faults.ToDictionary())
                _faults.AddRange(texts.Select(fault => new ImportFault(record.Line, id, ColumnOf(member), fault)));
            return;
        }

        CameraDefinition definition = body.Definition(id);
        if (former is not null && definition with { HasSub = former.HasSub } == former && body.Source is null && body.SubSource is null) Unchanged++;
        else _cameras.Add(new PlannedCamera(record.Line, definition, body.Sources, former is null));
    }

    private void CheckPlace(CameraBody body, CameraDefinition? former, BodyFaults faults)
    {
        if (body.TownId.Length > 0 && !_towns.Contains(body.TownId)) faults.Add("townId", "there is no such town");
        else if (!_scope.HasTown(body.TownId) || (former is not null && !_scope.HasTown(former.TownId))) faults.Add("townId", "is outside your subtree");
    }

    private void CheckCode(string id, string code, BodyFaults faults)
    {
        if (code.Length == 0) return;
        if (_idOfCode.TryGetValue(code, out string? owner) && owner != id) faults.Add("gbCode", "belongs to another camera");
        else _idOfCode[code] = id;
    }

    // A column that the file does not have keeps what is stored.
    private static CameraBody BodyOf(Row row, CameraDefinition? former, BodyFaults faults) => new(
        row.Text("nameZh", former?.NameZh ?? ""),
        row.Text("nameEn", former?.NameEn ?? ""),
        row.Text("townId", former?.TownId ?? ""),
        row.Text("department", former?.Department ?? ""),
        row.Number("latitudeDeg", former?.LatitudeDeg, faults),
        row.Number("longitudeDeg", former?.LongitudeDeg, faults),
        row.Number("headingDeg", former?.HeadingDeg, faults),
        row.Text("gbCode", former?.GbCode ?? ""),
        row.Text("site", former?.Site ?? ""),
        row.Policy(former?.Policy ?? CameraPolicy.OnDemand, faults),
        row.Source("url", "userName", "password"),
        row.Source("subUrl", "subUserName", "subPassword"));

    private static string ColumnOf(string member) => member switch
    {
        "source.url" => "url",
        "source.userName" => "userName",
        "source.password" => "password",
        "subSource.url" => "subUrl",
        "subSource.userName" => "subUserName",
        "subSource.password" => "subPassword",
        _ => member,
    };

    /// <summary>One row's cells by column name.</summary>
    private readonly struct Row(CsvRecord record, IReadOnlyDictionary<string, int> columns)
    {
        private readonly CsvRecord _record = record;
        private readonly IReadOnlyDictionary<string, int> _columns = columns;

        public string Text(string column, string missing)
        {
            if (!_columns.TryGetValue(column, out int at)) return missing;
            return at < _record.Cells.Length ? _record.Cells[at].Trim() : "";
        }

        public double? Number(string column, double? missing, BodyFaults faults)
        {
            if (!_columns.ContainsKey(column)) return missing;
            string text = Text(column, "");
            if (text.Length == 0) return null;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return value;
            faults.Add(column, "must be a number");
            return null;
        }

        public CameraPolicy Policy(CameraPolicy missing, BodyFaults faults)
        {
            string text = Text("policy", CameraCsv.Word(missing));
            if (text.Length == 0) return CameraPolicy.OnDemand;
            foreach (CameraPolicy policy in Enum.GetValues<CameraPolicy>())
            {
                if (text == CameraCsv.Word(policy)) return policy;
            }

            faults.Add("policy", "must be onDemand, keptWarm or alwaysOn");
            return missing;
        }

        public CameraSourceBody? Source(string url, string userName, string password)
        {
            string text = Text(url, "");
            return text.Length == 0 ? null : new CameraSourceBody(text, Text(userName, ""), Text(password, ""));
        }
    }
}

/// <summary>One camera to be stored.</summary>
public sealed record PlannedCamera(int Line, CameraDefinition Definition, CameraSources Sources, bool IsNew);

/// <summary>What is wrong with one cell: never its content, which may be a password.</summary>
public sealed record ImportFault(int Line, string CameraId, string Column, string Fault);
