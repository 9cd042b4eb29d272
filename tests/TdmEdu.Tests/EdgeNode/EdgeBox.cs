using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Modules;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>A school's box on a folder of its own, which may be stopped, dropped and started again.</summary>
internal sealed class EdgeBox : IAsyncDisposable
{
    public static readonly Guid Node = Guid.Parse("019a0000-0000-7000-8000-00000000000e");
    public static readonly Guid Central = Guid.Parse("019a0000-0000-7000-8000-00000000000c");
    public static readonly Scope School = Scope.School(Guid.Parse("019a0000-0000-7000-8000-000000000001"));
    public static readonly Actor Teacher = new(Guid.Parse("019a0000-0000-7000-8000-0000000000aa"), School, Roles.Teacher);
    public static readonly Actor Office = new(Guid.Parse("019a0000-0000-7000-8000-0000000000ab"), School, Roles.Office);
    public static readonly Guid Class = Guid.Parse("019a0000-0000-7000-8000-0000000000c1");
    public static readonly DateOnly Day = new(2026, 11, 23);

    private readonly bool ownsFolder;

    public EdgeBox(TimeProvider? clock = null, string? folder = null, Catalogue? installed = null)
    {
        Installed = installed ?? Catalogue;
        Clock = clock ?? TimeProvider.System;
        ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("edge-box-").FullName;
        Owner = New();
    }

    public static Catalogue Catalogue { get; } = AllModules.Catalogue();

    /// <summary>Of the release that the next start runs.</summary>
    public Catalogue Installed { get; set; }

    public TimeProvider Clock { get; }

    public string Folder { get; }

    public Owner Owner { get; private set; }

    public string CachePath => Path.Combine(Folder, "cache.db");

    public static async Task<EdgeBox> Start(TimeProvider? clock = null, string? folder = null, Catalogue? installed = null)
    {
        var box = new EdgeBox(clock, folder, installed);
        await box.Owner.StartAsync(default);
        return box;
    }

    public async Task Stop()
    {
        await Owner.StopAsync(default);
        Owner.Dispose();
    }

    /// <summary>As a power cut would leave it.</summary>
    public void Drop() => Owner.Dispose();

    public async Task StartAgain()
    {
        Owner = New();
        await Owner.StartAsync(default);
    }

    public Task<Result<Guid>> Submit(Guid id, params Mark[] marks) => Submit(id, Day, marks);

    public Task<Result<Guid>> Submit(Guid id, DateOnly day, Mark[] marks) => Owner.Decide<Guid>(
        Teacher,
        _ => new(id, [Catalogue.Create(School, id, SubmissionOf(day, marks))]),
        default);

    public static Submission SubmissionOf(DateOnly day, params Mark[] marks) =>
        new(Class, day, Slot.Morning, Guid.Empty, marks, [], Teacher.Id, Source.Teacher, 0);

    public Task<SessionSheet?> Sheet() => Owner.Read(r => r.View<SessionSheet>(School, SessionSheet.IdOf(School, Class, Day, Slot.Morning)), default);

    public Guid NewId() => RecordId.New(Clock);

    public static FeedOp FromCentral<T>(long seq, Guid id, T value, long? hlcMs = null)
    {
        var draft = Catalogue.Create(School, id, value);
        return new(new(School, draft.Entity, id, draft.Schema, draft.Kind, Hlc.At(hlcMs ?? 1_000 + seq), Guid.Empty, draft.Data), Central, seq);
    }

    public static FeedOp Unknown(long seq, Guid id) =>
        new(new(School, "kitchen.meal", id, 1, OpKind.Put, Hlc.At(seq), Guid.Empty, "{\"rice\":2}"u8.ToArray()), Central, seq);

    /// <summary>Some of everything: facts, views, puts over puts, a deletion, what came from Central, what nobody knows.</summary>
    public async Task Fill()
    {
        FeedOp[] page =
        [
            .. Enumerable.Range(1, 40).Select(i => FromCentral(i, NewId(), new Enrolment(NewId(), Class, Day, null))),
            Unknown(41, NewId()),
            .. Enumerable.Range(42, 40).Select(i => FromCentral(i, NewId(), new Pupil($"{i:0000000000}", $"Nguyễn Văn {i} ", null, Gender.Male))),
        ];
        Assert.True((await Owner.TakePage("feed-1", new(School, false, page, new(90, [])), default)).Ok);
        for (var i = 0; i < 60; i++)
        {
            Assert.True((await Submit(NewId(), Day.AddDays(i % 7), [new(NewId(), MarkCode.Late)])).Ok);
        }
        var day = NewId();
        await Write(Catalogue.Create(School, day, new CalendarDay(Day, DayKind.Closed, "Bão")));
        await Write(new Draft(School, "registry.calendar_day", 1, day, OpKind.Put, "{\"note\":\"\",\"extra\":\"lạ\"}"u8.ToArray()));
        var gone = NewId();
        await Write(Catalogue.Create(School, gone, new CalendarDay(Day.AddDays(1), DayKind.MakeUp, "Bù")));
        await Write(new Draft(School, "registry.calendar_day", 1, gone, OpKind.Delete, default));
    }

    public async Task Write(Draft draft) => Assert.True((await Owner.Decide<bool>(Office, _ => new(true, [draft]), default)).Ok);

    /// <summary>The records of an entity in the school. The box is stopped for it and started again.</summary>
    public async Task<IReadOnlyList<RecordState>> Records(string entity)
    {
        await Stop();
        var copy = CachePath + ".look";
        File.Copy(CachePath, copy, overwrite: true);
        List<RecordState> records;
        using (var file = LiteFile.Open(copy, new Tables(Installed).Names))
        {
            records = [.. file.Range(entity, "", "\uffff", int.MaxValue).Select(d => d.ToRecord(entity))];
        }
        LiteFile.Delete(copy);
        await StartAgain();
        return records;
    }

    /// <summary>Every record and view, as text. The box is stopped for it and started again.</summary>
    public async Task<string> Everything()
    {
        await Stop();
        var tables = new Tables(Catalogue).Names;
        var text = new StringBuilder();
        var copy = CachePath + ".look";
        File.Copy(CachePath, copy, overwrite: true);
        using (var file = LiteFile.Open(copy, tables))
        {
            foreach (var table in tables.Order(StringComparer.Ordinal))
            {
                var docs = file.Range(table, "", "\uffff", int.MaxValue);
                foreach (var d in docs.OrderBy(d => d.Id))
                {
                    text.AppendLine($"{table} {d.Scope} {d.Id} {d.Range} {d.Versions} {d.Deleted} {d.OwnSeq} {Encoding.UTF8.GetString(d.Data.Span)}");
                }
            }
        }
        LiteFile.Delete(copy);
        await StartAgain();
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        if (ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private Owner New() => new(new(Folder, Node, School), Installed, Clock, NullLogger<Owner>.Instance);
}
