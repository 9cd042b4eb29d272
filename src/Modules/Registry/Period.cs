namespace TdmEdu.Modules.Registry;

/// <summary>Days from the first to the last, both inside; open without a last one. A period that ends before it starts holds no day.</summary>
internal readonly record struct Period(DateOnly From, DateOnly? To)
{
    public static Period Of(Enrolment e) => new(e.From, e.To);

    public static Period Of(Assignment a) => new(a.From, a.To);

    public static Period Of(StaffPosition p) => new(p.From, p.To);

    public static Period Of(Catchment c) => new(c.From, c.To);

    public bool IsEmpty => To < From;

    public bool Holds(DateOnly day) => From <= day && (To is null || day <= To);

    public bool Overlaps(Period other) => !IsEmpty && !other.IsEmpty
        && (other.To is null || From <= other.To) && (To is null || other.From <= To);

    /// <summary>The last day of a period that must hold no day from this one on: the day before, or, where it had not begun, before its first.</summary>
    public DateOnly EndBefore(DateOnly day) => (day < From ? From : day).AddDays(-1);
}
