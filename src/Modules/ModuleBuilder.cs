using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules;

/// <summary>Collects what the modules declare.</summary>
public sealed class ModuleBuilder
{
    private readonly List<Func<EntityType>> entities = [];
    private readonly List<ViewType> views = [];

    public EntityBuilder<T> Entity<T>(string key, int schema = 1)
    {
        var builder = new EntityBuilder<T>(key, schema);
        entities.Add(builder.Build);
        return builder;
    }

    /// <summary>A document kept up to date from every record of <typeparamref name="TSource"/>.</summary>
    /// <param name="key">The document's id, and the text it is ranged by.</param>
    /// <param name="fold">Must give the same document for any order of the records, and for a record that comes twice.</param>
    /// <param name="without">For records that change places: the document without this one, as if it had never been folded in; null when it is empty then.</param>
    public void View<TSource, TState>(
        string name, Func<Scope, TSource, (Guid Id, string Range)> key, Func<TState?, Row<TSource>, Scope, IRecords, TState> fold,
        Func<TState, Guid, TState?>? without = null)
        where TState : class
    {
        var source = entities.Select(e => e()).Single(e => e.Clr == typeof(TSource)).Key;
        views.Add(new ViewType(name, typeof(TState), source)
        {
            Key = record => key(record.Scope, Read<TSource>(record.Data)),
            Fold = (state, record, records) =>
            {
                var before = state is null ? null : JsonSerializer.Deserialize<TState>(state, Json.Options);
                var row = new Row<TSource>(record.Id, Read<TSource>(record.Data), record.Version);
                return JsonSerializer.SerializeToUtf8Bytes(fold(before, row, record.Scope, records), Json.Options);
            },
            Without = without is null ? null : (state, record) =>
                without(JsonSerializer.Deserialize<TState>(state, Json.Options)!, record.Id) is { } left ? JsonSerializer.SerializeToUtf8Bytes(left, Json.Options) : null,
        });
    }

    public Catalogue Build() => new(entities.Select(e => e()), views);

    internal static T Read<T>(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<T>(json.Span, Json.Options)!;
}

public sealed class EntityBuilder<T>(string key, int schema)
{
    private EntityType type = new(key, typeof(T), schema);
    private readonly Dictionary<Roles, Verbs> allow = [];
    private readonly Dictionary<string, FieldMark> marks = [];

    public EntityType Build() => type with { Allow = allow, Marks = marks };

    /// <param name="name">What people call such a record, in Vietnamese.</param>
    /// <param name="page">Where such records are entered.</param>
    public EntityBuilder<T> Named(string name, string? page = null) => Set(type with { Name = name, Page = page });

    public EntityBuilder<T> In(ScopeKind scopes) => Set(type with { Scopes = scopes });

    public EntityBuilder<T> WrittenBy(Side side) => Set(type with { WrittenBy = side });

    /// <summary>Facts are written once; a correction is a new fact.</summary>
    public EntityBuilder<T> Facts() => Set(type with { Kind = OpKind.Fact });

    public EntityBuilder<T> On(Lane lane) => Set(type with { Lane = lane });

    public EntityBuilder<T> Allow(Roles roles, Verbs verbs)
    {
        allow[roles] = verbs;
        return this;
    }

    /// <summary>Fields that say nothing of any person.</summary>
    public EntityBuilder<T> OfNobody(params Expression<Func<T, object?>>[] fields) => Mark(FieldMark.Nothing, fields);

    /// <summary>Fields that name or describe a person, or say what they did: never in logs.</summary>
    public EntityBuilder<T> Basic(Purpose purpose, params Expression<Func<T, object?>>[] fields) => Mark(new(Says.Basic, purpose), fields);

    /// <inheritdoc cref="Says.Sensitive"/>
    public EntityBuilder<T> Sensitive(Purpose purpose, params Expression<Func<T, object?>>[] fields) => Mark(new(Says.Sensitive, purpose), fields);

    /// <inheritdoc cref="EntityType.SealedFor"/>
    public EntityBuilder<T> SealedFor(Func<Row<T>, Scope, IRecords, Guid?> person, Func<string, string>? name = null) => Set(type with
    {
        SealedFor = (state, records) => person(new(state.Id, ModuleBuilder.Read<T>(state.Data), state.Version), state.Scope, records),
        SealedAs = name ?? type.SealedAs,
    });

    /// <summary>In this version of the entity a field got another name or another form; JSON names.</summary>
    public EntityBuilder<T> Renamed(int since, string from, string to, Func<JsonNode?, JsonNode?>? convert = null) =>
        Set(type with { Changed = [.. type.Changed, new(since, from, to, convert)] });

    /// <summary>What is wrong with a record's content, or null.</summary>
    public EntityBuilder<T> Check(Func<T, Error?> check) => Set(type with { Check = json => check(json.Deserialize<T>(Json.Options)!) });

    /// <summary>How much of a record that a school sends is about somebody who had left it by then.</summary>
    public EntityBuilder<T> OfGone(Func<Scope, T, IRecords, Share> share) =>
        Set(type with { OfGone = (state, records) => share(state.Scope, ModuleBuilder.Read<T>(state.Data), records) });

    /// <summary>The text that lists order by and ranges select, compared byte by byte.</summary>
    /// <summary>For the record that places a school: whose feeds the school receives.</summary>
    public EntityBuilder<T> Members(Func<Guid, T, (Scope School, IReadOnlyList<Scope> Scopes)?> members) =>
        Set(type with { Members = state => members(state.Id, ModuleBuilder.Read<T>(state.Data)) });

    public EntityBuilder<T> Index(Func<T, string> index) => Set(type with { Index = json => index(ModuleBuilder.Read<T>(json)) });

    private EntityBuilder<T> Mark(FieldMark mark, Expression<Func<T, object?>>[] fields)
    {
        foreach (var field in fields)
        {
            var member = field.Body is UnaryExpression convert ? convert.Operand : field.Body;
            marks.Add(((MemberExpression)member).Member.Name, mark);
        }
        return this;
    }

    private EntityBuilder<T> Set(EntityType changed)
    {
        type = changed;
        return this;
    }
}
