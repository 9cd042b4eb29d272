using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// What a school keeps about people, and what for. Schools need no consent for what the law gives them to do (Decree 88/2026, articles 4, 11
/// and 12); how long is the department's rule where the law names no time. Printed in docs/privacy.md, which a house rule compares.
/// </summary>
public static class Purposes
{
    internal const int YearsAfterLeaving = 1;
    private const string LeftAYear = "One year after the pupil has left the school";
    private const string Duty = "A duty by law: Decree 88/2026, articles 4, 11 and 12; no consent";

    public static readonly Purpose Schooling = new(
        "schooling", "Who the pupil is, and where they are and were at school", Duty, "For ever: part of the school record (học bạ)");

    public static readonly Purpose Statistics = new(
        "statistics", "The ministry's reports and its match with the national population data", Duty, LeftAYear, YearsAfterLeaving);

    public static readonly Purpose Family = new(
        "family", "To reach those who answer for the child", Duty, LeftAYear, YearsAfterLeaving);

    public static readonly Purpose Consent = new(
        "consent", "To show that what needs a family's consent has it", "A duty by law: Law 91/2025 (proof of consent)",
        "For ever; the name of who spoke one year after the pupil has left the school");

    public static readonly Purpose Attendance = new(
        "attendance", "Who was in class, and who noted it", Duty, "For ever with the school record: sums of absences are part of it");

    public static readonly Purpose Absence = new(
        "absence", "Why a child stays away, in the family's words, and what the school answers", Duty, LeftAYear, YearsAfterLeaving);

    public static readonly Purpose Work = new(
        "work", "Who works at the school and teaches which class", "A duty by law: Law 91/2025, article 19, and labour law; no consent",
        "For ever: who signed what in a school record must stay known");

    public static readonly Purpose SignIn = new(
        "sign-in", "That each person signs in as themselves", "A duty by law: Law 91/2025 (protection of the data); no consent",
        "The current password's hash as long as the account; earlier ones in the history of operations");
}
