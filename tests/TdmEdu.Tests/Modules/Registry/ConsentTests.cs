using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public sealed class ConsentTests : IDisposable
{
    private const string Eight = "2018-05-05";
    private static readonly Scope School = Scope.School(new Guid(1, 2, 3, new byte[8]));
    private static readonly Actor Office = new(new Guid(4, 4, 4, new byte[8]), School, Roles.Office);
    private static readonly Guid An = new(5, 5, 5, new byte[8]);
    private static readonly DateOnly Today = new(2026, 9, 7);
    private static readonly ConsentPurpose Photo = ConsentPurpose.All.Single(p => p.Key == "photo");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("consent-");
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero));
    private readonly KernelStore store;
    private readonly Seals seals;

    public ConsentTests() => (store, seals) = (new(Side.Edge, clock), new(folder.FullName, makes: true));

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_consent_is_in_force_until_either_takes_it_back_and_an_older_child_is_asked_as_well()
    {
        Assert.Equal((ConsentState.None, ConsentState.None), (State(Eight), State("2021")));
        Say(Party.Parent, given: true);
        Assert.Equal((ConsentState.ChildMissing, ConsentState.InForce, ConsentState.ChildMissing), (State(Eight), State("2021"), State(null)));
        Say(Party.Child, given: true);
        Assert.Equal(ConsentState.InForce, State(Eight));
        Say(Party.Child, given: false);
        Assert.Equal(ConsentState.Withdrawn, State(Eight));
        Say(Party.Child, given: true);
        Say(Party.Parent, given: false);
        Assert.Equal((ConsentState.Withdrawn, ConsentState.Withdrawn), (State(Eight), State("2021")));
        Assert.Equal(5, store.All<Consent>(School).Count);
    }

    [Fact]
    public void A_consent_to_earlier_words_or_to_another_purpose_is_none()
    {
        Say(Party.Parent, given: true);
        var lines = store.All<Consent>(School);
        Assert.Equal(ConsentState.None, ConsentLedger.StateOf(Photo with { Version = Photo.Version + 1 }, lines, "2021", Today));
        Assert.Equal(ConsentState.None, ConsentLedger.StateOf(ConsentPurpose.All.First(p => p != Photo), lines, "2021", Today));
    }

    [Fact]
    public void Who_spoke_is_sealed_and_goes_with_the_pupils_key()
    {
        Say(Party.Parent, given: true);
        var name = Assert.Single(store.All<Consent>(School)).Value.Name;
        Assert.Equal("Trần Thị Mẹ", seals.Open(School, An, nameof(Consent.Name), name));
        seals.Erase(School, [An]);
        Assert.Null(seals.Open(School, An, nameof(Consent.Name), name));
        Assert.Equal(ConsentState.Ended, ConsentLedger.StateOf(Photo, store.All<Consent>(School), "2021", Today, erased: true));
        Assert.Equal("pupil_erased", Add(Line(Party.Parent, true), "Trần Thị Mẹ").Reply.Error.Reason);
    }

    [Fact]
    public void What_is_incomplete_or_of_tomorrow_is_not_written()
    {
        Assert.Equal("consent_incomplete", Add(Line(Party.Parent, true), "").Reply.Error.Reason);
        Assert.Equal("consent_incomplete", Add(Line(Party.Parent, true) with { Purpose = "other" }, "Mẹ").Reply.Error.Reason);
        Assert.Equal("consent_day", Add(Line(Party.Parent, true) with { On = Today.AddDays(1) }, "Mẹ").Reply.Error.Reason);
    }

    private ConsentState State(string? birth) => ConsentLedger.StateOf(Photo, store.All<Consent>(School), birth, Today);

    private void Say(Party party, bool given)
    {
        clock.Advance(TimeSpan.FromMinutes(1));
        store.Seed(Add(Line(party, given), "Trần Thị Mẹ").Drafts);
    }

    private static Consent Line(Party party, bool given) => new(An, Photo.Key, Photo.Version, given, party, null!, Today, Office.Id);

    private Decision<Guid> Add(Consent line, string name) => ConsentLedger.Add(store.Catalogue, seals, School, line, name, Today, clock);
}
