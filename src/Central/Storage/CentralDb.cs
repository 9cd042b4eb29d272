using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>
/// The model of everything Central keeps, for migrations, reports and administration. The intake writes the same tables by
/// <see cref="Bulk"/>. Keys start with the scope, so that the tables can be distributed by school.
/// </summary>
internal abstract class CentralDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<StoredOp> Ops => Set<StoredOp>();

    public DbSet<RefusedOp> RefusedOps => Set<RefusedOp>();

    public DbSet<RecordRow> Records => Set<RecordRow>();

    public DbSet<ViewRow> Views => Set<ViewRow>();

    public DbSet<FeedCounterRow> FeedCounters => Set<FeedCounterRow>();

    public DbSet<NodeRow> Nodes => Set<NodeRow>();

    public DbSet<NodeLaneRow> NodeLanes => Set<NodeLaneRow>();

    public DbSet<LaneCheckpointRow> LaneCheckpoints => Set<LaneCheckpointRow>();

    public DbSet<MembershipRow> Memberships => Set<MembershipRow>();

    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<JoinCodeRow> JoinCodes => Set<JoinCodeRow>();

    public DbSet<EnrolmentRow> Enrolments => Set<EnrolmentRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<GuardedActRow> GuardedActs => Set<GuardedActRow>();

    public DbSet<MetaRow> Meta => Set<MetaRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) =>
        conventions.Properties<Scope>().HaveConversion<ScopeText>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredOp>().ToTable("ops").HasKey(o => new { o.Scope, o.FeedSeq });
        // Only stamps that were cut: the others are never looked for, and their index would double the intake's work.
        modelBuilder.Entity<StoredOp>().HasIndex(o => new { o.Scope, o.Id, o.Hlc }).HasFilter("hlc <> applied_hlc");
        modelBuilder.Entity<RefusedOp>().ToTable("refused_ops").HasKey(o => new { o.Scope, o.Node, o.Epoch, o.Lane, o.Seq });
        modelBuilder.Entity<RefusedOp>().HasIndex(o => new { o.Resolution, o.ReceivedAtMs });
        modelBuilder.Entity<RefusedOp>().HasIndex(o => new { o.Scope, o.Resolution, o.ReceivedAtMs });
        modelBuilder.Entity<RecordRow>().ToTable("records").HasKey(r => new { r.Scope, r.Entity, r.Id });
        modelBuilder.Entity<RecordRow>().HasIndex(r => new { r.Scope, r.Entity, r.IndexKey });
        modelBuilder.Entity<ViewRow>().ToTable("views").HasKey(v => new { v.Scope, v.View, v.Id });
        modelBuilder.Entity<ViewRow>().HasIndex(v => new { v.View, v.RangeKey, v.Scope });
        modelBuilder.Entity<FeedCounterRow>().ToTable("feed_counters").HasKey(c => c.Scope);
        modelBuilder.Entity<NodeRow>().ToTable("nodes").HasKey(n => n.NodeId);
        modelBuilder.Entity<NodeRow>().HasIndex(n => n.KeyPin).IsUnique();
        modelBuilder.Entity<NodeLaneRow>().ToTable("node_lanes").HasKey(l => new { l.NodeId, l.Epoch, l.Lane });
        modelBuilder.Entity<LaneCheckpointRow>().ToTable("lane_checkpoints").HasKey(c => new { c.NodeId, c.Epoch, c.Lane, c.Seq });
        modelBuilder.Entity<MembershipRow>().ToTable("memberships").HasKey(m => m.School);
        modelBuilder.Entity<SessionRow>().ToTable("sessions").HasKey(s => s.NodeId);
        modelBuilder.Entity<JoinCodeRow>().ToTable("join_codes").HasKey(c => c.CodeHash);
        modelBuilder.Entity<EnrolmentRow>().ToTable("enrolments").HasKey(e => e.EnrolmentId);
        modelBuilder.Entity<EnrolmentRow>().HasIndex(e => e.TicketHash).IsUnique();
        modelBuilder.Entity<AuditRow>().ToTable("audit").HasKey(a => a.Pos);
        modelBuilder.Entity<AuditRow>().HasIndex(a => a.AtMs);
        modelBuilder.Entity<GuardedActRow>().ToTable("guarded_acts").HasKey(a => a.ActId);
        modelBuilder.Entity<MetaRow>().ToTable("meta").HasKey(m => m.Key);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(e => e.GetProperties()))
        {
            property.SetColumnName(SnakeCase(property.Name));
            property.ValueGenerated = Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.Never;
        }
    }

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder();
        foreach (var letter in name)
        {
            snake.Append(char.IsUpper(letter) && snake.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(letter));
        }
        return snake.ToString();
    }

    private sealed class ScopeText() : ValueConverter<Scope, string>(scope => scope.Value, text => Scope.TryParse(text)!.Value);
}

internal sealed class SqliteCentralDb(DbContextOptions<SqliteCentralDb> options) : CentralDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        base.ConfigureConventions(conventions);
        conventions.Properties<Guid>().HaveConversion<GuidBytes>();
    }

    /// <summary>Sixteen bytes in network order sort as PostgreSQL's uuid does; EF's text form takes more than twice the room.</summary>
    private sealed class GuidBytes() : ValueConverter<Guid, byte[]>(id => RecordId.ToBytes(id), bytes => RecordId.FromBytes(bytes));
}

internal sealed class PostgresCentralDb(DbContextOptions<PostgresCentralDb> options) : CentralDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        base.ConfigureConventions(conventions);
        // Indexes and ranges compare byte by byte, whatever locale the cluster was made with.
        conventions.Properties<string>().UseCollation("C");
        conventions.Properties<Scope>().UseCollation("C");
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // A partial index: without statistics the planner would take a whole one for the look-up by key, and read the school.
        modelBuilder.Entity<RecordRow>().HasIndex(r => new { r.Scope, r.Entity, r.IndexKey }).HasFilter("NOT deleted");
    }
}
