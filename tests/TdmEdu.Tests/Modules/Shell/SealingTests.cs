using System.Security.Cryptography;
using System.Text.Json;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Shell;

public sealed class SealingTests : IDisposable
{
    private static readonly Scope School = Scope.School(new Guid(1, 2, 3, new byte[8]));
    private static readonly Guid[] Persons = [.. Enumerable.Range(0, 200).Select(n => new Guid(n, 7, 7, new byte[8]))];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sealing-");
    private readonly Seals central;

    public SealingTests() => central = new(Path.Combine(folder.FullName, "central"), makes: true);

    private string KeyFile => Path.Combine(folder.FullName, "central", $"{School.Owner:n}.seal");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_seal_is_the_same_each_time_and_opens_for_its_person_field_and_school_only()
    {
        var made = central.Seal(School, Persons[0], "ethnicity", "Kơ-ho")!;
        Assert.Equal(made, central.Seal(School, Persons[0], "ethnicity", "Kơ-ho"));
        Assert.Equal("Kơ-ho", central.Open(School, Persons[0], "ethnicity", made));
        Assert.Equal(made, JsonSerializer.Deserialize<Sealed>(JsonSerializer.Serialize(made)));
        Sealed?[] others =
        [
            central.Seal(School, Persons[0], "ethnicity", "Kinh"), central.Seal(School, Persons[0], "personalId", "Kơ-ho"), central.Seal(School, Persons[1], "ethnicity", "Kơ-ho"),
            central.Seal(Scope.School(Persons[5]), Persons[0], "ethnicity", "Kơ-ho"),
        ];
        Assert.Equal(5, others.Append(made).Distinct().Count());
        Assert.All(others[1..], other => Assert.Null(central.Open(School, Persons[0], "ethnicity", other)));
        Assert.Null(central.Seal(School, Persons[0], "ethnicity", null));
    }

    [Theory]
    [InlineData("01")]
    [InlineData("s1.")]
    [InlineData("s1.AAAA")]
    [InlineData("s1.%%%")]
    public void What_was_never_sealed_opens_to_nothing(string text) =>
        Assert.Null(central.Open(School, Persons[0], "ethnicity", new(text)));

    [Fact]
    public void Who_is_erased_can_be_read_nowhere_again_and_all_others_as_before()
    {
        var made = Persons.ToDictionary(p => p, p => central.Seal(School, p, "ethnicity", "01")!);
        var gone = Persons[..30];
        central.Erase(School, gone[..10]);
        central.Erase(School, gone);
        var file = File.ReadAllText(KeyFile);
        central.Erase(School, gone);
        Assert.Equal(file, File.ReadAllText(KeyFile));
        // Also for a program that starts with the file as it is now, and for a box that is given it.
        var box = new Seals(Path.Combine(folder.FullName, "box"), makes: false);
        box.Take(School, central.Export(School)!);
        foreach (var seals in new[] { central, new(Path.Combine(folder.FullName, "central"), makes: true), box })
        {
            Assert.All(gone, p => Assert.Null(seals.Open(School, p, "ethnicity", made[p])));
            Assert.All(Persons[30..], p => Assert.Equal("01", seals.Open(School, p, "ethnicity", made[p])));
            Assert.All(gone, p => Assert.Null(seals.Seal(School, p, "ethnicity", "01")));
        }
    }

    [Fact]
    public void An_answer_that_was_long_on_its_way_does_not_bring_keys_back()
    {
        var box = new Seals(Path.Combine(folder.FullName, "box"), makes: false);
        Assert.Equal("no_seal", box.WhyNot(School)!.Reason);
        var early = central.Export(School)!;
        box.Take(School, early);
        Assert.Null(box.WhyNot(School));
        var made = box.Seal(School, Persons[0], "ethnicity", "01");
        Assert.Equal("01", central.Open(School, Persons[0], "ethnicity", made));
        box.Erase(School, [Persons[0]]);
        box.Take(School, early);
        Assert.Null(box.Open(School, Persons[0], "ethnicity", made));
    }

    [Fact]
    public void Threat_T01_Keys_are_their_account_s_alone_and_a_delivery_is_for_one_box()
    {
        _ = central.Export(School);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(KeyFile) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        using var box = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keys = central.Export(School)!;
        var closed = SealDelivery.Close(keys, BoxKey.Of(BoxKey.Request(box))!);
        Assert.Equal(keys, SealDelivery.Open(closed, box.ExportPkcs8PrivateKeyPem()));
        Assert.Equal(-1, closed.AsSpan().IndexOf(keys.AsSpan(9, 16)));
        Assert.ThrowsAny<CryptographicException>(() => SealDelivery.Open(closed, other.ExportPkcs8PrivateKeyPem()));
        closed[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => SealDelivery.Open(closed, box.ExportPkcs8PrivateKeyPem()));
    }
}
