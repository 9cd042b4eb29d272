namespace TdmEdu.Sync.Exchange;

/// <summary>
/// Why Central did not take an operation into effect: stable codes for machines. A record's own check may give further ones.
/// The sentences that people read stand beside the pages; a test fails on a code without one.
/// </summary>
public static class RefusalReason
{
    public const string ScopeDenied = "scope_denied";
    public const string UnknownEntity = "unknown_entity";
    public const string NotWrittenByEdge = "not_written_by_edge";
    public const string WrongKind = "wrong_kind";
    public const string BadJson = "bad_json";
    public const string BadContent = "bad_content";
    public const string FactDiffers = "fact_differs";

    /// <summary>The record, or a document it belongs to, would be larger than anything that people make.</summary>
    public const string TooLarge = "record_too_large";

    /// <summary>A proposal for the side that owns the field, whole, as its author made it.</summary>
    public const string NotFieldOwner = "not_field_owner";

    /// <summary>The record has left the school.</summary>
    public const string Evicted = "evicted";

    /// <summary>About a pupil who had gone to another school by then: the record, or a part of it while the rest took effect.</summary>
    public const string PupilLeft = "pupil_left";

    /// <summary>A module's rule threw.</summary>
    public const string ApplyFailed = "apply_failed";

    /// <summary>Nothing is wrong with the operation itself; another of its group was refused.</summary>
    public const string GroupRefused = "group_refused";
}
