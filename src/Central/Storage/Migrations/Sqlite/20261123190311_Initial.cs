using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    at_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    @event = table.Column<string>(name: "event", type: "TEXT", nullable: false),
                    actor = table.Column<byte[]>(type: "BLOB", nullable: false),
                    subject = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "feed_counters",
                columns: table => new
                {
                    scope = table.Column<string>(type: "TEXT", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_feed_counters", x => x.scope);
                });

            migrationBuilder.CreateTable(
                name: "meta",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_meta", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "node_lanes",
                columns: table => new
                {
                    node_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    epoch = table.Column<byte[]>(type: "BLOB", nullable: false),
                    lane = table.Column<byte>(type: "INTEGER", nullable: false),
                    last_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    last_hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_node_lanes", x => new { x.node_id, x.epoch, x.lane });
                });

            migrationBuilder.CreateTable(
                name: "nodes",
                columns: table => new
                {
                    node_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    school = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    thumbprint = table.Column<string>(type: "TEXT", nullable: false),
                    revoked = table.Column<bool>(type: "INTEGER", nullable: false),
                    last_seen_at_ms = table.Column<long>(type: "INTEGER", nullable: true),
                    complete_at_ms = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_nodes", x => x.node_id);
                });

            // By hand: the table is its own key, which EF cannot say. It is only ever appended to, scope by scope.
            migrationBuilder.Sql("""
                CREATE TABLE "ops" (
                    "scope" TEXT NOT NULL,
                    "feed_seq" INTEGER NOT NULL,
                    "node" BLOB NOT NULL,
                    "epoch" BLOB NOT NULL,
                    "lane" INTEGER NOT NULL,
                    "seq" INTEGER NOT NULL,
                    "entity" TEXT NOT NULL,
                    "id" BLOB NOT NULL,
                    "schema" INTEGER NOT NULL,
                    "kind" INTEGER NOT NULL,
                    "hlc" INTEGER NOT NULL,
                    "applied_hlc" INTEGER NOT NULL,
                    "actor" BLOB NOT NULL,
                    "data" BLOB NOT NULL,
                    "salt" BLOB NOT NULL,
                    "hash" BLOB NOT NULL,
                    "outcome" INTEGER NOT NULL,
                    "reason" TEXT NOT NULL,
                    "received_at_ms" INTEGER NOT NULL,
                    CONSTRAINT "PK_ops" PRIMARY KEY ("scope", "feed_seq")
                ) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "records",
                columns: table => new
                {
                    scope = table.Column<string>(type: "TEXT", nullable: false),
                    entity = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    data = table.Column<byte[]>(type: "BLOB", nullable: false),
                    versions = table.Column<string>(type: "TEXT", nullable: false),
                    deleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    index_key = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_records", x => new { x.scope, x.entity, x.id });
                });

            migrationBuilder.CreateTable(
                name: "refused_ops",
                columns: table => new
                {
                    scope = table.Column<string>(type: "TEXT", nullable: false),
                    node = table.Column<byte[]>(type: "BLOB", nullable: false),
                    epoch = table.Column<byte[]>(type: "BLOB", nullable: false),
                    lane = table.Column<byte>(type: "INTEGER", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    claimed_scope = table.Column<string>(type: "TEXT", nullable: false),
                    entity = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    schema = table.Column<int>(type: "INTEGER", nullable: false),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    hlc = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<byte[]>(type: "BLOB", nullable: false),
                    data = table.Column<byte[]>(type: "BLOB", nullable: false),
                    salt = table.Column<byte[]>(type: "BLOB", nullable: false),
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    outcome = table.Column<int>(type: "INTEGER", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    received_at_ms = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_refused_ops", x => new { x.scope, x.node, x.epoch, x.lane, x.seq });
                });

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    node_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    token = table.Column<byte[]>(type: "BLOB", nullable: false),
                    epoch = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sessions", x => x.node_id);
                });

            migrationBuilder.CreateTable(
                name: "views",
                columns: table => new
                {
                    scope = table.Column<string>(type: "TEXT", nullable: false),
                    view = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    range_key = table.Column<string>(type: "TEXT", nullable: false),
                    data = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_views", x => new { x.scope, x.view, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_audit_at_ms",
                table: "audit",
                column: "at_ms");

            migrationBuilder.CreateIndex(
                name: "IX_nodes_thumbprint",
                table: "nodes",
                column: "thumbprint");

            migrationBuilder.CreateIndex(
                name: "IX_records_scope_entity_index_key",
                table: "records",
                columns: new[] { "scope", "entity", "index_key" });

            migrationBuilder.CreateIndex(
                name: "IX_views_view_range_key_scope",
                table: "views",
                columns: new[] { "view", "range_key", "scope" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "feed_counters");

            migrationBuilder.DropTable(
                name: "meta");

            migrationBuilder.DropTable(
                name: "node_lanes");

            migrationBuilder.DropTable(
                name: "nodes");

            migrationBuilder.DropTable(
                name: "ops");

            migrationBuilder.DropTable(
                name: "records");

            migrationBuilder.DropTable(
                name: "refused_ops");

            migrationBuilder.DropTable(
                name: "sessions");

            migrationBuilder.DropTable(
                name: "views");
        }
    }
}
