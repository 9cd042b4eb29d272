using System.Text.Json;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public enum Gender
{
    Male = 1,
    Female,
}

/// <param name="MinistryId">Mã định danh Bộ GD&amp;ĐT, ten digits as a rule; an attribute, never the key.</param>
/// <param name="BirthDate">yyyy-MM-dd, yyyy-MM or yyyy: some papers hold only a part.</param>
public sealed record Pupil(
    string? MinistryId,
    string FullName,
    string? BirthDate,
    Gender? Gender,
    Sealed? Ethnicity = null,
    Sealed? PersonalId = null,
    Sealed? Phone = null,
    Sealed? FatherName = null,
    Sealed? MotherName = null,
    Sealed? Address = null,
    Sealed? Email = null,
    Sealed? Guardians = null);

/// <summary>What of a pupil is sealed, as people read and write it: what is sensitive, and what is not kept for ever.</summary>
/// <param name="Ethnicity">Code of the ministry's list DM_DAN_TOC, "01" is Kinh.</param>
/// <param name="PersonalId">Số định danh cá nhân, twelve digits.</param>
/// <param name="Guardians">As <see cref="Registry.Guardians"/> writes them.</param>
public sealed record PupilSecrets(
    string? Ethnicity = null, string? PersonalId = null, string? Phone = null, string? FatherName = null, string? MotherName = null, string? Address = null,
    string? Email = null, string? Guardians = null)
{
    /// <summary>JSON names.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        [.. typeof(PupilSecrets).GetConstructors()[0].GetParameters().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name!))];

    public static bool AreIn(Pupil pupil) =>
        (pupil.Ethnicity ?? pupil.PersonalId ?? pupil.Phone ?? pupil.FatherName ?? pupil.MotherName ?? pupil.Address ?? pupil.Email ?? pupil.Guardians) is not null;

    public bool IsEmpty => this == new PupilSecrets();

    public static PupilSecrets Of(Seals seals, Scope school, Guid id, Pupil pupil)
    {
        return new(
            Open(pupil.Ethnicity, nameof(Ethnicity)), Open(pupil.PersonalId, nameof(PersonalId)), Open(pupil.Phone, nameof(Phone)),
            Open(pupil.FatherName, nameof(FatherName)), Open(pupil.MotherName, nameof(MotherName)), Open(pupil.Address, nameof(Address)), Open(pupil.Email, nameof(Email)),
            Open(pupil.Guardians, nameof(Guardians)));

        string? Open(Sealed? value, string field) => seals.Open(school, id, field, value);
    }

    public Pupil SealInto(Pupil pupil, Seals seals, Scope school, Guid id)
    {
        return pupil with
        {
            Ethnicity = Seal(Ethnicity, nameof(Ethnicity)),
            PersonalId = Seal(PersonalId, nameof(PersonalId)),
            Phone = Seal(Phone, nameof(Phone)),
            FatherName = Seal(FatherName, nameof(FatherName)),
            MotherName = Seal(MotherName, nameof(MotherName)),
            Address = Seal(Address, nameof(Address)),
            Email = Seal(Email, nameof(Email)),
            Guardians = Seal(Guardians, nameof(Guardians)),
        };

        Sealed? Seal(string? value, string field) => seals.Seal(school, id, field, value);
    }
}
