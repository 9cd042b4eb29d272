namespace TdmEdu.Modules.Registry;

public enum Gender
{
    Male = 1,
    Female,
}

/// <param name="MinistryId">Mã định danh Bộ GD&amp;ĐT, ten digits as a rule; an attribute, never the key.</param>
/// <param name="BirthDate">yyyy-MM-dd, yyyy-MM or yyyy: some papers hold only a part.</param>
/// <param name="PersonalId">Số định danh cá nhân, twelve digits.</param>
/// <param name="Ethnicity">Code of the ministry's list DM_DAN_TOC, "01" is Kinh.</param>
public sealed record Pupil(
    string? MinistryId,
    string FullName,
    string? BirthDate,
    Gender? Gender,
    string? Ethnicity = null,
    string? PersonalId = null,
    string? Phone = null,
    string? FatherName = null,
    string? MotherName = null,
    string? Address = null);
