using System.Globalization;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The pupils of a class today, under headings that <see cref="PupilSheet"/> reads again; who to call at home is in it for whom numbers are opened. Nothing else of
/// the sealed part is.
/// </summary>
internal sealed class PupilTable(Seals seals, TimeProvider clock) : ClassTable
{
    private const int PhoneDigitsShown = 3;

    /// <summary>Not a heading of the import: what is left of a number must not come back as one.</summary>
    private const string MaskedPhone = "SĐT (3 số cuối)";

    public override string Key => "danh-sach";

    public override Text Title { get; } = new("Danh sách lớp");

    public override bool HasPhones => true;

    public override Result<Table> Make(IRecords records, ClassTableAsked asked)
    {
        if (asked.OpensPhones && seals.WhyNot(asked.School) is { } locked)
        {
            return locked;
        }
        var pupils = PupilListModel.PupilsOn(records, asked.School, asked.Class.Id, clock.Today());
        return new Table(
            $"Danh sách lớp {asked.Class.Value.Name}",
            ["STT", "Lớp", "Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính", .. asked.OpensPhones ? GuardianCells.Header.Prepend("SĐT liên hệ") : [MaskedPhone]],
            [
                .. pupils.Select((p, i) => (IReadOnlyList<TableCell>)
                [
                    TableCell.Of(i + 1), TableCell.Of(asked.Class.Value.Name), TableCell.Of(p.Value.MinistryId), TableCell.Of(p.Value.FullName),
                    FormText.Day(p.Value.BirthDate) is { } day ? TableCell.Of(day) : TableCell.Of(p.Value.BirthDate is { } part ? FormText.Birth(part) : null),
                    TableCell.Of(p.Value.Gender switch { Gender.Male => "Nam", Gender.Female => "Nữ", _ => null }),
                    TableCell.Of(Phone(asked, p)),
                    .. asked.OpensPhones ? GuardianCells.Write(PupilSecrets.Of(seals, asked.School, p.Id, p.Value)) : [],
                ]),
            ],
            [string.Create(CultureInfo.InvariantCulture, $"Có ở máy của trường lúc {clock.SchoolNow():HH:mm dd/MM/yyyy}.")]);
    }

    private string? Phone(ClassTableAsked asked, Row<Pupil> pupil) =>
        pupil.Value.Phone is null ? null
        : seals.Open(asked.School, pupil.Id, nameof(Pupil.Phone), pupil.Value.Phone) is not { Length: > PhoneDigitsShown } phone ? "…"
        : asked.OpensPhones ? phone : "…" + phone[^PhoneDigitsShown..];
}
