using System.Text.Json;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Exporting;

/// <summary>
/// The rows of one entity as they leave: only fields that the data map knows. What is sensitive or sealed is masked; where the export opens what is sealed,
/// that is read with the school's keys. What is sensitive without being sealed is credentials, which nobody is given.
/// </summary>
internal sealed class ExportedEntity(EntityType type, bool opens, Seals seals, IRecords records, IReadOnlyDictionary<Guid, Unit> units)
{
    private const string Mask = "…";

    private readonly List<Field> fields =
    [
        .. from property in type.Clr.GetProperties()
           where type.Marks.ContainsKey(property.Name)
           let isSealed = property.PropertyType == typeof(Sealed)
           select new Field(
               property.Name, JsonNamingPolicy.CamelCase.ConvertName(property.Name), isSealed,
               isSealed ? !opens : type.Marks[property.Name].Says == Says.Sensitive),
    ];

    private sealed record Field(string Name, string Json, bool IsSealed, bool IsMasked);

    public EntityType Type => type;

    public IEnumerable<TableCell> Header => ((string[])["scope", "unit", "id", .. fields.Select(f => f.Json)]).Select(TableCell.Of);

    public IReadOnlyList<string> Masked => [.. fields.Where(f => f.IsMasked).Select(f => f.Json)];

    public long Unreadable { get; private set; }

    public IEnumerable<TableCell> Row(RecordState record)
    {
        using var data = JsonDocument.Parse(record.Data);
        Guid? person = null;
        var unit = units.GetValueOrDefault(record.Scope.Owner)?.Code;
        List<TableCell> cells = [TableCell.Of(record.Scope.Value), TableCell.Of(unit), TableCell.Of($"{record.Id}")];
        foreach (var field in fields)
        {
            cells.Add(!data.RootElement.TryGetProperty(field.Json, out var value) || value.ValueKind == JsonValueKind.Null ? default
                : field.IsMasked ? TableCell.Of(Mask)
                : field.IsSealed ? Open(record, person ??= type.SealedFor?.Invoke(record, records), field, value)
                : CellOf(value));
        }
        return cells;
    }

    private TableCell Open(RecordState record, Guid? person, Field field, JsonElement value)
    {
        if (person is { } id && seals.Open(record.Scope, id, type.SealedAs(field.Name), new(value.GetString() ?? "")) is { } plain)
        {
            return TableCell.Of(plain);
        }
        Unreadable++;
        return default;
    }

    /// <summary>A seal inside a list, of what an import changed, stays nobody's to read.</summary>
    private static TableCell CellOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TableCell.Of(value.GetString()),
        JsonValueKind.Number when value.TryGetInt32(out var number) => TableCell.Of(number),
        _ => TableCell.Of(Sealed.InJson().Replace(value.GetRawText(), $"\"{Mask}\"")),
    };
}
