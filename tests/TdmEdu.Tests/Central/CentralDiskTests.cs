using Microsoft.EntityFrameworkCore;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

public sealed class CentralDiskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Case_23_A_full_disk_at_Central_acknowledges_nothing_takes_no_part_of_a_batch_and_goes_on_when_freed()
    {
        await using var disk = await SmallDisk.Mount();
        await using var central = await CentralBox.Start($"Data Source={Path.Combine(disk.Folder, "central.db")};Pooling=false", Samples.Catalogue());
        var box = await central.Enrol();
        await box.Push(Batch());
        disk.Fill();
        while (await Record.ExceptionAsync(() => box.Push(Batch())) is null)
        {
            Assert.InRange(box.Head.Seq, 0, 1000);
        }
        Assert.Equal(box.Head.Seq, await Held());
        disk.Empty();
        await box.Push(Batch());
        Assert.Equal(box.Head.Seq, await Held());

        IEnumerable<Op> Batch() => Enumerable.Range(0, 20).Select(n => box.Op(RecordId.New(central.Clock), new Note(new string('x', 2000), n)));

        async Task<int> Held()
        {
            await using var db = central.Db();
            return await db.Ops.CountAsync(Cancel);
        }
    }
}
