using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Central;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Refusals;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>A whole Central on one database, without the network in front of it.</summary>
internal sealed class CentralBox : IAsyncDisposable
{
    private readonly IServiceProvider services;

    private CentralBox(IServiceProvider services, FakeTimeProvider clock) => (this.services, Clock) = (services, clock);

    /// <summary>Behind the network of a whole one, which ends by itself.</summary>
    public static CentralBox Behind(CentralHost host) => new(host.Services, host.Clock);

    public FakeTimeProvider Clock { get; }

    public string Folder { get; private init; } = "";

    public Seals Seals => Get<Seals>();

    public Catalogue Catalogue => Get<Catalogue>();

    public CentralStore Store => Get<CentralStore>();

    public CentralRecords Records => Get<CentralRecords>();

    public long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    public static async Task<CentralBox> Start(string connection, Catalogue? catalogue = null, FakeTimeProvider? clock = null, string? folder = null)
    {
        clock ??= new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero));
        folder ??= Directory.CreateTempSubdirectory("central-box-").FullName;
        var collection = Configured(connection).AddLogging().AddSingleton<TimeProvider>(clock).AddSingleton(_ => new Seals(folder, makes: true))
            .AddSingleton(new CentralSettings { DataDir = folder });
        if (catalogue is not null)
        {
            collection.AddSingleton(catalogue);
        }
        var services = collection.AddCentralStore().AddIntake().AddRefusals().BuildServiceProvider();
        await services.MigrateCentral(CancellationToken.None);
        return new(services, clock) { Folder = folder };
    }

    /// <summary>The tables without a Central, migrated or not.</summary>
    public static CentralDb Open(string connection) =>
        Configured(connection).AddCentralStore().BuildServiceProvider().GetRequiredService<IDbContextFactory<CentralDb>>().CreateDbContext();

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>A box of a school, known to Central and with an open session.</summary>
    public async Task<NodeBox> Enrol(Guid? school = null)
    {
        var node = new NodeIdentity(RecordId.New(Clock), Scope.School(school ?? RecordId.New(Clock)));
        await using (var db = Db())
        {
            db.Nodes.Add(new() { NodeId = node.Node, School = node.School, KeyPin = RandomNumberGenerator.GetHexString(64) });
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        var box = new NodeBox(this, node);
        await box.Open();
        return box;
    }

    public CentralDb Db() => Get<IDbContextFactory<CentralDb>>().CreateDbContext();

    private static IServiceCollection Configured(string connection) => new ServiceCollection().AddSingleton<IConfiguration>(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:Central"] = connection }).Build());

    public async ValueTask DisposeAsync()
    {
        await ((ServiceProvider)services).DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>The edge's half of the exchange, as much of it as Central's tests need: it numbers and chains what it sends.</summary>
internal sealed class NodeBox(CentralBox central, NodeIdentity identity)
{
    public NodeIdentity Identity => identity;

    public Guid Epoch { get; private set; } = RecordId.New(central.Clock);

    public byte[] Token { get; private set; } = [];

    public LaneHead Head { get; private set; } = new(Lane.Attendance, 0, []);

    public byte[] ChainHash => Head.Seq == 0 ? HashChain.Base(identity.Node, Epoch, Head.Lane) : Head.Hash;

    /// <summary>As a box would that holds these ends of its lanes, all acknowledged.</summary>
    public Task<Result<Welcome>> Open(params LaneHead[] heads) => Greet(Hello(heads));

    public Hello Hello(params LaneHead[] heads) =>
        new(Epoch, TdmEdu.Sync.Exchange.Hello.ProtocolNow, Token, Forked: false, "", [.. heads.Select(h => new HelloLane(h, 0))]);

    public async Task<Result<Welcome>> Greet(Hello hello)
    {
        var opened = await central.Get<Exchange>().Open(identity, hello, TestContext.Current.CancellationToken);
        Token = opened is { Ok: true, Value.Session.Length: > 0 } ? opened.Value.Session : Token;
        return opened;
    }

    /// <summary>As a box that was put back from an older copy.</summary>
    public NodeBox GoBack(LaneHead head)
    {
        Head = head;
        return this;
    }

    public Task<Result<Welcome>> OpenNewEpoch()
    {
        (Epoch, Head) = (RecordId.New(central.Clock), new(Head.Lane, 0, []));
        return Open();
    }

    /// <summary>The same box, in the same session, sending in another of its lanes.</summary>
    public NodeBox In(Lane lane) => new(central, identity) { Epoch = Epoch, Token = Token, Head = new(lane, 0, []) };

    /// <summary>The same box at another start of Central.</summary>
    public NodeBox At(CentralBox other) => new(other, identity) { Epoch = Epoch, Token = Token, Head = Head };

    public Op Op<T>(Guid id, T value, Hlc? hlc = null, Scope? scope = null)
    {
        var type = central.Catalogue.Of<T>();
        return new(scope ?? identity.School, type.Key, id, type.Schema, type.Kind, hlc ?? Hlc.At(central.NowMs), Guid.Empty,
            JsonSerializer.SerializeToUtf8Bytes(value, Json.Options));
    }

    /// <summary>The next batch of the lane, numbered after what was pushed before.</summary>
    public Batch Next(params IEnumerable<Op> ops) =>
        new(Token, Head.Lane, Head.Seq + 1, ChainHash, [.. ops.Select(op => (op, RandomNumberGenerator.GetBytes(HashChain.SaltBytes)))]);

    public async Task<BatchAnswer> Push(params IEnumerable<Op> ops) => Acked((await Send(Next(ops))).Value);

    public BatchAnswer Acked(BatchAnswer answer)
    {
        Head = answer.Durable;
        return answer;
    }

    public Task<Result<BatchAnswer>> Send(Batch batch) =>
        central.Get<Exchange>().Take(identity, batch, TestContext.Current.CancellationToken);

    public Task<Result<FeedAnswer>> Pull(
        string feedEpoch, Dictionary<Scope, Cursor> cursors, int opsMax = 0, long clockMs = 0, params LaneHead[] heads) =>
        central.Get<Exchange>().Next(
            identity, new(Token, feedEpoch, cursors, opsMax, heads, clockMs), TestContext.Current.CancellationToken);
}
