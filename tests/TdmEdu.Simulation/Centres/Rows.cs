namespace TdmEdu.Simulation.Centres;

/// <summary>A table's committed rows.</summary>
internal sealed class Rows<TKey, TValue> where TKey : notnull
{
    public Dictionary<TKey, TValue> All { get; private init; } = [];

    public Rows<TKey, TValue> Copy() => new() { All = new(All) };
}

internal interface IOverlay
{
    bool Touches(IOverlay other);

    void Commit();
}

/// <summary>What one transaction has written to a table: seen by itself, by others once committed.</summary>
internal sealed class Overlay<TKey, TValue>(Rows<TKey, TValue> rows, Func<List<Action>?> undo) : IOverlay where TKey : notnull
{
    private Dictionary<TKey, TValue>? written;

    public bool TryGet(TKey key, out TValue value) =>
        (written is not null && written.TryGetValue(key, out value!)) || rows.All.TryGetValue(key, out value!);

    public void Set(TKey key, TValue value)
    {
        written ??= [];
        if (undo() is { } steps)
        {
            var had = written.TryGetValue(key, out var before);
            steps.Add(() =>
            {
                if (had)
                {
                    written[key] = before!;
                }
                else
                {
                    written.Remove(key);
                }
            });
        }
        written[key] = value;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Merged() =>
        written is null ? rows.All : rows.All.Where(r => !written.ContainsKey(r.Key)).Concat(written);

    public bool Touches(IOverlay other) =>
        written is not null && other is Overlay<TKey, TValue> { written: { } theirs } && written.Keys.Any(theirs.ContainsKey);

    public void Commit()
    {
        if (written is not null)
        {
            foreach (var (key, value) in written)
            {
                rows.All[key] = value;
            }
        }
    }
}
