namespace TdmEdu.Sync.Records;

/// <summary>Who a record belongs to, and so which edges receive it: one school, one ward, the whole city, or none: the department's own.</summary>
public readonly record struct Scope
{
    private Scope(string value) => Value = value;

    public string Value { get; }

    public static Scope City { get; } = new("city");

    /// <summary>What stays at Central, such as the department's sign-ins.</summary>
    public static Scope Department { get; } = new("department");

    public static Scope School(Guid school) => new($"s/{school:n}");

    public static Scope Ward(Guid ward) => new($"w/{ward:n}");

    /// <summary>Null when the text is no scope.</summary>
    public static Scope? TryParse(string text) => text switch
    {
        "city" => City,
        "department" => Department,
        ['s' or 'w', '/', .. var id] when Guid.TryParseExact(id, "n", out _) => new(text),
        _ => null,
    };

    public ScopeKind Kind => Value[0] switch { 's' => ScopeKind.School, 'w' => ScopeKind.Ward, 'd' => ScopeKind.Department, _ => ScopeKind.City };

    /// <summary>The school or ward; empty for the city and the department.</summary>
    public Guid Owner => Kind is ScopeKind.School or ScopeKind.Ward ? Guid.ParseExact(Value.AsSpan(2), "n") : Guid.Empty;

    public override string ToString() => Value;
}

[Flags]
public enum ScopeKind
{
    City = 1,
    Ward = 2,
    School = 4,
    Department = 8,
}
