using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TdmEdu.Central.Storage.Migrations.Postgres;

/// <summary>
/// The second net: in a box's call <see cref="PostgresBulk"/> works as the role tdmedu_box, which can write only the rows of the school and
/// the box that the transaction's settings name, read those and the city's and the wards', and see no other table at all.
/// </summary>
[DbContext(typeof(PostgresCentralDb))]
[Migration("20261127222000_RowLevelSecurity")]
public sealed class RowLevelSecurity : Migration
{
    /// <summary>As a subquery the setting is read once a statement, and not for each row.</summary>
    private static readonly (string Table, string Own)[] Tables =
    [
        .. new[] { "ops", "refused_ops", "records", "views", "feed_counters" }.Select(t => (t, "scope = (SELECT current_setting('tdmedu.school'))")),
        .. new[] { "memberships", "nodes" }.Select(t => (t, "school = (SELECT current_setting('tdmedu.school'))")),
        .. new[] { "node_lanes", "lane_checkpoints", "sessions" }.Select(t => (t, "node_id = (SELECT current_setting('tdmedu.node')::uuid)")),
    ];

    /// <summary>What every box may read.</summary>
    private static readonly string[] Shared = ["ops", "records", "views", "feed_counters"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("""
            DO $$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tdmedu_box') THEN
                    CREATE ROLE tdmedu_box;
                END IF;
                IF NOT pg_has_role(current_user, 'tdmedu_box', 'MEMBER') THEN
                    EXECUTE format('GRANT tdmedu_box TO %I', current_user);
                END IF;
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'Run this once as the superuser, then start Central again: CREATE ROLE tdmedu_box; GRANT tdmedu_box TO %;', current_user;
            END $$;
            """);
        migrationBuilder.Sql("GRANT SELECT ON meta TO tdmedu_box;");
        foreach (var (table, own) in Tables)
        {
            migrationBuilder.Sql(
                $"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tdmedu_box; ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; "
                    + $"CREATE POLICY own ON {table} TO tdmedu_box USING ({own});");
        }
        foreach (var table in Shared)
        {
            migrationBuilder.Sql($"CREATE POLICY shared ON {table} FOR SELECT TO tdmedu_box USING (scope = 'city' OR scope LIKE 'w/%');");
        }
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        foreach (var table in Shared)
        {
            migrationBuilder.Sql($"DROP POLICY shared ON {table};");
        }
        foreach (var (table, _) in Tables)
        {
            migrationBuilder.Sql($"DROP POLICY own ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY; REVOKE ALL ON {table} FROM tdmedu_box;");
        }
        migrationBuilder.Sql("REVOKE ALL ON meta FROM tdmedu_box;");
    }
}
