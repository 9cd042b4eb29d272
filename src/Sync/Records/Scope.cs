namespace TdmEdu.Sync.Records;

/// <summary>Who a record belongs to, and so which edges receive it: one school, one ward, or the whole city.</summary>
public readonly record struct Scope
{
    private Scope(string value) => Value = value;

    public string Value { get; }

    public static Scope City { get; } = new("city");

    public static Scope School(Guid school) => new($"s/{school:n}");

    public static Scope Ward(Guid ward) => new($"w/{ward:n}");

    /// <summary>Null when the text is no scope.</summary>
    public static Scope? TryParse(string text) => text switch
    {
        "city" => City,
        ['s' or 'w', '/', .. var id] when Guid.TryParseExact(id, "n", out _) => new(text),
        _ => null,
    };

    public ScopeKind Kind => Value[0] switch { 's' => ScopeKind.School, 'w' => ScopeKind.Ward, _ => ScopeKind.City };

    /// <summary>The school or ward; empty for the city.</summary>
    public Guid Owner => Kind == ScopeKind.City ? Guid.Empty : Guid.ParseExact(Value.AsSpan(2), "n");

    public override string ToString() => Value;
}

[Flags]
public enum ScopeKind
{
    City = 1,
    Ward = 2,
    School = 4,
}
