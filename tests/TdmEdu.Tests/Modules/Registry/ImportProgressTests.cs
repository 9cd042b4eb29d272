using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

public class ImportProgressTests
{
    [Fact]
    public async Task Of_a_large_file_the_page_says_how_far_it_is_and_nobody_waits_for_it()
    {
        using var gate = new Gate();
        await using var host = new WebHost(new(Side.Edge, School), services =>
        {
            services.Remove(services.Single(s => s.ServiceType == typeof(IRecordStore)));
            services.AddSingleton<IRecordStore>(gate);
        });
        gate.Behind = host.Store;
        var catalogue = host.Store.Catalogue;
        host.Store.Seed(
        [
            Compose.Year(catalogue, new("2026-2027", new(2026, 9, 1), new(2027, 5, 31), [1])), Compose.Class(catalogue, School, new("5A", 5, "2026-2027", [Slot.Morning])).Draft,
            .. Compose.Staff(catalogue, School, Office, new("Trần Văn Phòng", "Văn thư"), "vp", Password, Roles.Office),
        ]);
        using var browser = await host.Start();
        await browser.SignIn("vp", Password);
        await browser.Get("/nhap-du-lieu");
        var csv = "Họ tên,Lớp,Mã HS\n" + string.Concat(Enumerable.Range(0, 600).Select(i => $"Nguyễn Văn An,5A,74{i:00000000}\n"));
        var uploaded = await browser.Upload("/nhap-du-lieu", Encoding.UTF8.GetBytes(csv), ("loai", "hoc-sinh"), ("ngay", "2026-09-07"));
        await browser.Get(uploaded.Headers.Location!.ToString());
        gate.HoldsAfter = 1;
        var posting = browser.Post("/nhap-du-lieu/ghi", ("phieu", browser.Hidden("phieu")));
        await gate.Reached.Task;
        // The wait for a second begins after the batch that is held.
        while (!posting.IsCompleted)
        {
            host.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        var page = (await posting).Headers.Location!.ToString();
        await browser.Get(page);
        Assert.Contains("Đang ghi: 249 trên 600 dòng.", browser.Html, StringComparison.Ordinal);
        Assert.Contains("<progress max=\"600\" value=\"249\"", browser.Html, StringComparison.Ordinal);
        Assert.Contains("LiveRegion.js", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("/hoan-tac", browser.Html, StringComparison.Ordinal);
        gate.Free.SetResult();
        Assert.True(SpinWait.SpinUntil(() => host.Get<RunImport>().Find(School, Guid.Parse(page.Split('/', '?')[2]))!.Done, TimeSpan.FromSeconds(20)));
        await browser.Get(page);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("Đã ghi 600 dòng.", browser.Html, StringComparison.Ordinal);
        Assert.Contains("/hoan-tac", browser.Html, StringComparison.Ordinal);
    }

    /// <summary>Lets some decisions through and holds the next until it is told to go on: a disk that is busy.</summary>
    private sealed class Gate : IRecordStore, IDisposable
    {
        public KernelStore Behind { get; set; } = null!;

        public int HoldsAfter { get; set; } = int.MaxValue;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Free { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Read<T>(Func<IRecords, T> read, CancellationToken cancel) => Behind.Read(read, cancel);

        public Task<IReadOnlyDictionary<Guid, Receipt>> Receipts<T>(Scope scope, IReadOnlyList<Guid> ids, CancellationToken cancel) => Behind.Receipts<T>(scope, ids, cancel);

        public async Task<Result<T>> Decide<T>(Actor actor, Func<IRecords, Decision<T>> decide, CancellationToken cancel)
        {
            if (HoldsAfter-- == 0)
            {
                Reached.SetResult();
                await Free.Task;
            }
            return await Behind.Decide(actor, decide, cancel);
        }

        public void Dispose() => Free.TrySetResult();
    }
}
