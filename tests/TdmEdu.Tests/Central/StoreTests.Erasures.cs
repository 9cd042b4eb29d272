using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Erasing;
using TdmEdu.EdgeNode.Erasing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task Case_63_Who_left_a_year_ago_is_erased_at_Central_and_on_the_box_once_it_hears_of_it_and_again_when_its_old_keys_are_put_back()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        await Write([central.Catalogue.Change(Old, (await central.Records.Read(r => r.Get<Pupil>(Old, Mai), Cancel))!, MaisPupil())!]);
        var keys = Path.Combine(box.Folder, "identity");
        var onBox = new Seals(keys, makes: false);
        onBox.Take(Old, central.Seals.Export(Old)!);
        await line.Sync();
        var (lan, mai) = ((await OnBox(Lan))!, (await OnBox(Mai))!);
        Assert.Equal((LansSecrets, LansSecrets), (PupilSecrets.Of(onBox, Old, Lan, lan), PupilSecrets.Of(onBox, Old, Mai, mai)));

        using var office = new ErasureOffice(central.Records, central.Catalogue, central.Seals, central.Clock, NullLogger<ErasureOffice>.Instance);
        Assert.Equal("nothing_due", (await office.Erase(Officer, Old, [Lan, Mai], Cancel)).Error.Reason);
        // Lan's place ends with the school year, a year ago yesterday; Mai has gone on to a class that is not over.
        await Write([Compose.Enrolment(central.Catalogue, Old, new(Mai, RecordId.New(central.Clock), new(2027, 9, 1), null))]);
        central.Clock.Advance(new DateTimeOffset(2028, 6, 1, 1, 0, 0, TimeSpan.Zero) - central.Clock.GetUtcNow());
        Assert.Equal([Lan], await central.Records.Read(r => Erasure.Due(r, Old, new(2028, 6, 1)), Cancel));
        Assert.Empty(await central.Records.Read(r => Erasure.Due(r, Old, new(2028, 5, 31)), Cancel));
        var erasure = await office.Erase(Officer, Old, [Lan, Mai], Cancel);
        Assert.True(erasure.Ok);
        Assert.True(PupilSecrets.Of(central.Seals, Old, Lan, (await At<Pupil>(Old, Lan))!).IsEmpty);
        Assert.Equal(LansSecrets, PupilSecrets.Of(onBox, Old, Lan, lan));
        Assert.Null(await Receipt());

        var sealFile = Directory.EnumerateFiles(keys, "*.seal").Single();
        var before = await File.ReadAllBytesAsync(sealFile, Cancel);
        using var service = new EraseService(box.Owner, EdgeBox.Catalogue, box.Owner.Identity, onBox, central.Clock, NullLogger<EraseService>.Instance);
        Assert.Equal(0, await service.Run(Cancel));
        await line.Sync();
        Assert.Equal(1, await service.Run(Cancel));
        Assert.Equal(0, await service.Run(Cancel));
        Assert.True(PupilSecrets.Of(onBox, Old, Lan, (await OnBox(Lan))!).IsEmpty);
        Assert.True(PupilSecrets.Of(new(keys, makes: false), Old, Lan, lan).IsEmpty);
        Assert.Equal(LansSecrets, PupilSecrets.Of(onBox, Old, Mai, (await OnBox(Mai))!));
        await line.Sync();
        Assert.Equal(EdgeBox.Node, (await Receipt())!.Node);
        Assert.Equal("Lan", (await At<Pupil>(Old, Lan))!.FullName);

        await File.WriteAllBytesAsync(sealFile, before, Cancel);
        var putBack = new Seals(keys, makes: false);
        Assert.Equal(LansSecrets, PupilSecrets.Of(putBack, Old, Lan, lan));
        using var next = new EraseService(box.Owner, EdgeBox.Catalogue, box.Owner.Identity, putBack, central.Clock, NullLogger<EraseService>.Instance);
        await next.Run(Cancel);
        Assert.True(PupilSecrets.Of(new(keys, makes: false), Old, Lan, lan).IsEmpty);

        Task<Erased?> Receipt() => At<Erased>(Old, new Erased(erasure.Value, EdgeBox.Node).IdIn(Old));
        async Task<Pupil?> OnBox(Guid pupil) => (await box.Owner.Read(r => r.Get<Pupil>(Old, pupil), Cancel))?.Value;
        Pupil MaisPupil() => LansSecrets.SealInto(new("0000000002", "Mai", "2014-05-06", Gender.Female), central.Seals, Old, Mai);
    }
}
