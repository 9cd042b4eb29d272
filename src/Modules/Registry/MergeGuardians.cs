using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// What a row of a file says of guardians, put to those who are known: a person of the same name is the same person, a parent whose name the file corrects too,
/// and nobody goes because a file leaves them out.
/// </summary>
/// <param name="before">The family as it is.</param>
/// <param name="file">As the same row tells it.</param>
internal sealed class MergeGuardians(PupilSecrets before, PupilSecrets file)
{
    private readonly List<Guardian> all = [.. Guardians.Of(before)];

    public List<RowIssue> Issues { get; } = [];

    public List<Text> Notes { get; } = [];

    public int Added { get; private set; }

    public int Changed { get; private set; }

    /// <summary>Null where the file changes nothing.</summary>
    public string? Take(IEnumerable<GuardianLine> lines)
    {
        foreach (var line in lines)
        {
            Take(line);
        }
        return Added + Changed == 0 ? null : Guardians.ToText(all);
    }

    private void Take(GuardianLine line)
    {
        var old = IndexOf(line);
        if ((line.Name ?? (old >= 0 ? all[old].Name : NameOf(line.Parent))) is not { } name)
        {
            if (!line.IsOnlyName)
            {
                Warn(line.Column, new("Chưa biết tên người này nên ô được bỏ qua. Hãy ghi cả họ tên."));
            }
            return;
        }
        if (old < 0 && line is { Parent: not null, IsOnlyName: true })
        {
            return;
        }
        if (old < 0 && all.Count == Guardians.Max)
        {
            Warn(line.Column, new("Em đã có {0} người giám hộ nên không thêm được nữa. Hãy bỏ bớt ở trang của em.", Guardians.Max));
            return;
        }
        var known = old < 0 ? new(name, KinshipOf(name) ?? Kinship.Other) : all[old];
        var now = known with
        {
            Name = name, Kinship = line.Kinship ?? known.Kinship, Phone = line.Phone ?? known.Phone, Email = line.Email ?? known.Email,
            LivesWith = line.LivesWith ?? known.LivesWith, Order = line.Order ?? known.Order,
        };
        if (old < 0)
        {
            all.Add(now);
            Added++;
            Notes.Add(new("Thêm người giám hộ: {0}", Words(now)));
        }
        else if (now != known)
        {
            all[old] = now;
            Changed++;
            Notes.Add(new("Sửa người giám hộ: {0}", Words(now)));
        }
    }

    private int IndexOf(GuardianLine line)
    {
        var ofKin = all.FindAll(g => g.Kinship == line.Parent);
        var one = line.Name is { } name ? all.FindIndex(g => Same(g.Name, name)) : -1;
        if (one >= 0 || line.Parent is not { } parent)
        {
            return one;
        }
        var former = parent == Kinship.Father ? before.FatherName : before.MotherName;
        return former is not null ? all.FindIndex(g => g.Kinship == parent && Same(g.Name, former))
            : line.Name is null && ofKin is [var only] ? all.IndexOf(only) : -1;
    }

    private string? NameOf(Kinship? parent) => parent switch
    {
        Kinship.Father => file.FatherName ?? before.FatherName,
        Kinship.Mother => file.MotherName ?? before.MotherName,
        _ => null,
    };

    /// <summary>Many a file names the mother or the father again as the guardian.</summary>
    private Kinship? KinshipOf(string name) =>
        Same(NameOf(Kinship.Mother), name) ? Kinship.Mother : Same(NameOf(Kinship.Father), name) ? Kinship.Father : null;

    private static bool Same(string? a, string b) => a is not null
        && VietnameseText.Key(GuardianCells.Bare(a)) == VietnameseText.Key(GuardianCells.Bare(b));

    private static string Words(Guardian guardian) =>
        string.Join(", ", new[] { $"{guardian.Name} ({GuardianCells.NameOf(guardian.Kinship)})", guardian.Phone, guardian.Email }.OfType<string>());

    private void Warn(string column, Text why) => Issues.Add(new(column, why, IsWarning: true));
}
