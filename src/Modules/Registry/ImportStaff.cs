using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The people of a school and their sign-ins. A person is found by the user name, else by the name. Whoever is new cannot sign in until a password is made on
/// their page; nobody's rights are changed by a file.
/// </summary>
internal sealed class ImportStaff(Catalogue catalogue, TimeProvider clock) : ImportKind
{
    private const string NameColumn = "Họ tên";
    private const string TitleColumn = "Chức danh";
    private const string UserColumn = "Tên đăng nhập";
    private const string RolesColumn = "Việc được giao";

    public override string Key => "can-bo";

    public override Text Title { get; } = new("Cán bộ");

    public override Text Hint { get; } = new("Mỗi người một dòng: Họ tên, Chức danh, Việc được giao. Người mới chưa đăng nhập được cho đến khi bạn tạo mật khẩu ở trang của họ.");

    public override Roles Writers => Accounts.Writers;

    public override IReadOnlyList<ImportColumn> Columns { get; } =
    [
        new(NameColumn, ["Họ tên", "Họ và tên", "Tên cán bộ", "Họ tên cán bộ", "Họ và tên giáo viên"], Required: true),
        new(TitleColumn, ["Chức danh", "Chức vụ", "Loại cán bộ", "Vị trí việc làm"]),
        new(UserColumn, ["Tên đăng nhập", "Tài khoản"]),
        new(RolesColumn, ["Việc được giao", "Vai trò", "Nhiệm vụ"]),
    ];

    public override IReadOnlyList<ImportedEntity> Writes { get; } = [ImportedEntity.Of<Staff>(catalogue), ImportedEntity.Of<Account>(catalogue)];

    public override bool Exports => true;

    public override Result<ImportPlan> Plan(IRecords records, Actor actor, ImportFile file)
    {
        var people = People(records, file.School);
        var taken = people.Select(p => p.Account.Value.UserName).ToHashSet(StringComparer.Ordinal);
        var named = new Dictionary<string, int>(StringComparer.Ordinal);
        var filled = file.Table.Rows.Where(r => file.Cell(r, NameColumn).Text is { Length: > 0 }).ToList();
        return new ImportPlan(
            [.. filled.Select(r => PlanRow(people, taken, named, actor, file, r))], [.. file.Table.Rows.Except(filled).Where(r => r.Cells.Count > 0).Select(r => r.Number)]);
    }

    public override Table? Export(IRecords records, Scope school) => new(
        "Cán bộ", [.. Columns.Select(c => c.Title)],
        [
            .. People(records, school).OrderBy(p => p.Staff.Value.FullName, VietnameseText.ByGivenName).ThenBy(p => p.Account.Value.UserName, StringComparer.Ordinal)
                .Select(p => (IReadOnlyList<TableCell>)
                [
                    TableCell.Of(p.Staff.Value.FullName), TableCell.Of(p.Staff.Value.Title), TableCell.Of(p.Account.Value.UserName),
                    TableCell.Of(string.Join(", ", RoleWords.In(p.Account.Value.Roles).Select(r => r.Words))),
                ]),
        ], []);

    public override string NameOf(IRecords records, Scope school, Guid subject) => records.Get<Staff>(school, subject)?.Value.FullName ?? "–";

    /// <summary>Who was given a password has an account that was touched since, and stays for that.</summary>
    public override IReadOnlyDictionary<Guid, Text> WhyKept(IRecords records, Scope school, ILookup<Guid, ImportedRecord> bySubject) =>
        records.All<Assignment>(school).Where(a => bySubject[a.Value.Staff].Any(r => r.Made) && !Period.Of(a.Value).IsEmpty).Select(a => a.Value.Staff).Distinct()
            .ToDictionary(id => id, _ => new Text("Đã được phân công lớp."));

    private ImportRow PlanRow(
        IReadOnlyList<Person> people, HashSet<string> taken, Dictionary<string, int> named, Actor actor, ImportFile file, SheetRow row)
    {
        string Cell(string column) => file.Cell(row, column).Text ?? "";
        var (name, issues, drafts) = (Cell(NameColumn), new List<RowIssue>(), new List<Draft>());
        var (typedUser, roles) = (VietnameseText.Fold(Cell(UserColumn)), RolesOf(Cell(RolesColumn)));
        var found = typedUser.Length > 0
            ? [.. people.Where(p => p.Account.Value.UserName == typedUser)]
            : people.Where(p => VietnameseText.Key(p.Staff.Value.FullName) == VietnameseText.Key(name)).ToList();
        var known = found is [var one] ? one : null;
        if (roles is null)
        {
            var all = string.Join(", ", RoleWords.In(Access.EverySchoolRole).Select(r => r.Words));
            Wrong(RolesColumn, new("Không hiểu việc được giao. Hãy ghi {0}; nhiều việc thì cách nhau bằng dấu phẩy.", all));
        }
        else if (found.Count > 1)
        {
            Wrong(NameColumn, new("Trường có {0} người tên này. Hãy ghi thêm cột Tên đăng nhập.", found.Count));
        }
        else if (!named.TryAdd(known?.Staff.Id.ToString() ?? $"{VietnameseText.Key(name)}|{typedUser}", row.Number))
        {
            Wrong(NameColumn, new("Trùng với dòng {0} của tệp. Hãy giữ lại một dòng.", named[known?.Staff.Id.ToString() ?? $"{VietnameseText.Key(name)}|{typedUser}"]));
        }
        else if (known is null)
        {
            var person = new NewStaff(RecordId.New(clock), name, Cell(TitleColumn), typedUser, roles.Value);
            var user = Accounts.UserName(typedUser, name, taken);
            var account = new Account(user.Ok ? user.Value : "", "", person.Roles);
            Take(person.WhyNot() ?? (user.Ok ? null : user.Error) ?? Accounts.WhyNot(actor, person.Id, file.School, account));
            if (issues.Count == 0)
            {
                taken.Add(account.UserName);
                drafts.AddRange([catalogue.Create(file.School, person.Id, new Staff(name, person.Title)), catalogue.Create(file.School, person.Id, account)]);
            }
        }
        else
        {
            var (old, title) = (known.Staff.Value, Cell(TitleColumn));
            var wanted = new Staff(VietnameseText.Key(name) == VietnameseText.Key(old.FullName) ? old.FullName : name, title.Length > 0 ? title : old.Title);
            Take(wanted == old ? null : new NewStaff(known.Staff.Id, wanted.FullName, wanted.Title, "", Roles.None).WhyNot());
            if (roles != Roles.None && roles != known.Account.Value.Roles)
            {
                Wrong(RolesColumn, new("Việc của người đã có không đổi bằng tệp. Hãy để trống ô này, hoặc sửa ở trang của người đó."));
            }
            drafts.AddRange(new[] { catalogue.Change(file.School, known.Staff, wanted) }.OfType<Draft>());
        }
        var verdict = issues.Count > 0 ? Verdict.Wrong : drafts.Count == 0 ? Verdict.Same : known is null ? Verdict.Add : Verdict.Change;
        return new(row.Number, "", name, verdict, issues, verdict == Verdict.Wrong ? [] : drafts);

        void Wrong(string column, Text why) => issues.Add(new(column, why, IsWarning: false));

        void Take(Error? error)
        {
            if (error is not null)
            {
                Wrong(error.Reason switch { "staff_title" => TitleColumn, "roles" => RolesColumn, "user_name" or "user_name_taken" => UserColumn, _ => NameColumn }, error.Message);
            }
        }
    }

    /// <summary>None for an empty cell; null where a word is no role of a school.</summary>
    private static Roles? RolesOf(string typed)
    {
        var roles = Roles.None;
        foreach (var word in typed.Split([',', ';', '+'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ImportColumns.Heading))
        {
            if (RoleWords.In(Access.EverySchoolRole).Where(r => ImportColumns.Heading(r.Words) == word).ToList() is not [var (role, _)])
            {
                return null;
            }
            roles |= role;
        }
        return roles;
    }

    private static List<Person> People(IRecords records, Scope school)
    {
        var accounts = records.All<Account>(school).ToDictionary(a => a.Id);
        return [.. records.All<Staff>(school).Where(s => accounts.ContainsKey(s.Id)).Select(s => new Person(s, accounts[s.Id]))];
    }

    private sealed record Person(Row<Staff> Staff, Row<Account> Account);
}
