using System.Text.Json;
using TdmEdu.Modules;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>A record store of the kernel's own rules (rights, merge, index order, views) and a dictionary: nothing is durable.</summary>
internal sealed class KernelStore(Side side, TimeProvider clock) : IRecordStore, IRecords
{
    private static readonly Guid Node = Guid.Parse("01900000-0000-7000-8000-00000000000a");

    private readonly Dictionary<(Scope Scope, string Entity, Guid Id), RecordState> records = [];
    private readonly Dictionary<(Scope Scope, string View, Guid Id), (string Range, byte[] State)> views = [];
    private Hlc hlc;

    public Catalogue Catalogue { get; } = AllModules.Catalogue();

    public int OpsWritten { get; private set; }

    public int DraftsInLargestDecision { get; private set; }

    public Task<T> Read<T>(Func<IRecords, T> read, CancellationToken cancel) => Task.FromResult(read(this));

    public Task<IReadOnlyDictionary<Guid, Receipt>> Receipts<T>(Scope scope, IReadOnlyList<Guid> ids, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyDictionary<Guid, Receipt>>(
            ids.Where(id => Get<T>(scope, id) is not null).ToDictionary(id => id, _ => Receipt.OnBox));

    public Task<Result<T>> Decide<T>(Actor actor, Func<IRecords, Decision<T>> decide, CancellationToken cancel)
    {
        var decision = decide(this);
        foreach (var draft in decision.Drafts)
        {
            if (Catalogue.Refusal(draft, actor, side) is { } refusal)
            {
                return Task.FromResult<Result<T>>(refusal);
            }
        }
        Seed(decision.Drafts);
        DraftsInLargestDecision = Math.Max(DraftsInLargestDecision, decision.Drafts.Count);
        return Task.FromResult(decision.Reply);
    }

    /// <summary>Writes as the system, past the rights.</summary>
    public void Seed(IEnumerable<Draft> drafts)
    {
        foreach (var draft in drafts)
        {
            hlc = hlc.Next(clock.GetUtcNow().ToUnixTimeMilliseconds());
            var key = (draft.Scope, draft.Entity, draft.Id);
            var op = new Op(draft.Scope, draft.Entity, draft.Id, draft.Schema, draft.Kind, hlc, default, draft.Data);
            var state = RecordState.Apply(records.GetValueOrDefault(key), op, Node).State!;
            records[key] = state;
            OpsWritten++;
            foreach (var view in Catalogue.ViewsOf(draft.Entity))
            {
                var (id, range) = view.Key(state);
                var before = views.TryGetValue((draft.Scope, view.Name, id), out var held) ? held.State : null;
                views[(draft.Scope, view.Name, id)] = (range, view.Fold(before, state, this));
            }
        }
    }

    public Row<T>? Get<T>(Scope scope, Guid id) =>
        records.TryGetValue((scope, Catalogue.Of<T>().Key, id), out var state) && !state.Deleted ? RowOf<T>(state) : null;

    public Page<T> Page<T>(Scope scope, string? from = null, string? to = null, string? cursor = null, int rowsMax = 1000)
    {
        var type = Catalogue.Of<T>();
        var rows = records.Values.Where(r => r.Scope == scope && r.Entity == type.Key && !r.Deleted)
            .Select(r => (Index: type.Index?.Invoke(r.Data) ?? "", State: r))
            .Where(r => (from is null || Ordinal(r.Index, from) >= 0) && (to is null || Ordinal(r.Index, to) < 0))
            .Select(r => (Place: $"{r.Index}\0{r.State.Id:n}", r.State))
            .OrderBy(r => r.Place, StringComparer.Ordinal)
            .Where(r => cursor is null || Ordinal(r.Place, cursor) > 0)
            .Take(rowsMax + 1).ToList();
        return new([.. rows.Take(rowsMax).Select(r => RowOf<T>(r.State))], rows.Count > rowsMax ? rows[rowsMax - 1].Place : null);
    }

    public TView? View<TView>(Scope scope, Guid id) where TView : class =>
        views.TryGetValue((scope, Catalogue.View<TView>().Name, id), out var held)
            ? JsonSerializer.Deserialize<TView>(held.State, Json.Options) : null;

    public IReadOnlyList<TView> Views<TView>(Scope scope, string? from = null, string? to = null) where TView : class =>
    [
        .. views.Where(v => v.Key.Scope == scope && v.Key.View == Catalogue.View<TView>().Name)
            .Where(v => (from is null || Ordinal(v.Value.Range, from) >= 0) && (to is null || Ordinal(v.Value.Range, to) < 0))
            .OrderBy(v => v.Value.Range, StringComparer.Ordinal)
            .Select(v => JsonSerializer.Deserialize<TView>(v.Value.State, Json.Options)!),
    ];

    private static Row<T> RowOf<T>(RecordState state) =>
        new(state.Id, JsonSerializer.Deserialize<T>(state.Data.Span, Json.Options)!, state.Version);

    private static int Ordinal(string a, string b) => string.CompareOrdinal(a, b);
}
