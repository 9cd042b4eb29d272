using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Bench;

/// <summary>Central's store on one database and a school whose box has a session: batches go in without a network in front.</summary>
internal sealed class IntakeBox : IAsyncDisposable
{
    public const int BatchOps = 500;
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly string[] Names =
        ["Nguyễn Minh Thư", "Trần Gia Bảo", "Lê Ngọc Anh", "Phạm Đức Huy", "Huỳnh Bảo Châu", "Võ Anh Khoa", "Phan Tuệ Lâm"];

    private readonly ServiceProvider services;
    private readonly Random random = new(1);
    private LaneHead head;
    private byte[] token = [];

    private IntakeBox(ServiceProvider services)
    {
        this.services = services;
        head = new(Lane.Attendance, 0, HashChain.Base(Node.Node, Epoch, Lane.Attendance));
    }

    public NodeIdentity Node { get; } = new(RecordId.New(Clock), Scope.School(RecordId.New(Clock)));

    /// <summary>As in a call of the box; else without PostgreSQL's row level security, as if there were none.</summary>
    public bool IsGuarded { get; set; } = true;

    public Guid Epoch { get; } = RecordId.New(Clock);

    public CentralStore Store => services.GetRequiredService<CentralStore>();

    public static async Task<IntakeBox> Start(string connection)
    {
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:Central"] = connection };
        var collection = new ServiceCollection().AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        var box = new IntakeBox(collection.AddCentralStore().BuildServiceProvider());
        await box.services.MigrateCentral(default);
        await using (var db = box.Db())
        {
            db.Nodes.Add(new() { NodeId = box.Node.Node, School = box.Node.School, KeyPin = RandomNumberGenerator.GetHexString(64) });
            await db.SaveChangesAsync();
        }
        var hello = new Hello(box.Epoch, Hello.ProtocolNow, [], Forked: false, "", []);
        var token = RandomNumberGenerator.GetBytes(Greeting.TokenBytes);
        var welcome = await box.Store.Write<Welcome>(bulk => Greeting.Open(bulk, box.Node, hello, token, NowMs), default);
        box.token = welcome.Value.Session;
        return box;
    }

    public CentralDb Db() => services.GetRequiredService<IDbContextFactory<CentralDb>>().CreateDbContext();

    /// <summary>Five-field rows with random ids, as a box would send them; only operations are made here, nothing is taken in.</summary>
    public List<(Op Op, byte[] Salt)> NewOps()
    {
        var type = services.GetRequiredService<Catalogue>().Of<Pupil>();
        return
        [
            .. Enumerable.Range(0, BatchOps).Select(_ => (
                new Op(
                    Node.School, type.Key, RecordId.New(Clock), type.Schema, type.Kind, Hlc.At(NowMs), Guid.Empty,
                    JsonSerializer.SerializeToUtf8Bytes(NewPupil(), Json.Options)),
                RandomNumberGenerator.GetBytes(HashChain.SaltBytes))),
        ];
    }

    public async Task Take(IReadOnlyList<(Op Op, byte[] Salt)> ops)
    {
        var batch = new Batch(token, head.Lane, head.Seq + 1, head.Hash, ops);
        var catalogue = services.GetRequiredService<Catalogue>();
        var answer = await Store.Write(bulk => BatchIntake.Take(bulk, catalogue, Node, batch, NowMs), default, IsGuarded ? Node : null);
        if (answer.Value is { Gap: true } or { NotApplied.Count: > 0 })
        {
            throw new InvalidOperationException($"Central did not apply all: {string.Join(", ", answer.Value.NotApplied.Take(3))}.");
        }
        head = answer.Value.Durable;
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private static long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    private Pupil NewPupil() => new(
        $"74{random.Next(100_000_000):00000000}", Names[random.Next(Names.Length)], new DateOnly(2014, 1, 1).AddDays(random.Next(2000)).Iso(),
        random.Next(2) == 0 ? Gender.Male : Gender.Female, Ethnicity(random));

    /// <summary>As long, and as hard to compress, as two characters under a seal.</summary>
    internal static Sealed Ethnicity(Random random)
    {
        var sealing = new byte[30];
        random.NextBytes(sealing);
        return new($"s1.{Base64Url.EncodeToString(sealing)}");
    }
}
