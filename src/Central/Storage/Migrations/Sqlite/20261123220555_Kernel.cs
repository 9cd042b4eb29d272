using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Kernel : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "complete_at_ms",
                table: "nodes");

            migrationBuilder.AddColumn<long>(
                name: "suspect_since_ms",
                table: "nodes",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "group_left",
                table: "refused_ops",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "resolution",
                table: "refused_ops",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "resolved_at_ms",
                table: "refused_ops",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "resolved_by",
                table: "refused_ops",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "group_left",
                table: "ops",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "backed_up_seq",
                table: "node_lanes",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "complete_at_ms",
                table: "node_lanes",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "lane_checkpoints",
                columns: table => new
                {
                    node_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    epoch = table.Column<byte[]>(type: "BLOB", nullable: false),
                    lane = table.Column<byte>(type: "INTEGER", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_lane_checkpoints", x => new { x.node_id, x.epoch, x.lane, x.seq });
                });

            migrationBuilder.CreateTable(
                name: "memberships",
                columns: table => new
                {
                    school = table.Column<string>(type: "TEXT", nullable: false),
                    scopes = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memberships", x => x.school);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "lane_checkpoints");

            migrationBuilder.DropTable(
                name: "memberships");

            migrationBuilder.DropColumn(
                name: "group_left",
                table: "refused_ops");

            migrationBuilder.DropColumn(
                name: "resolution",
                table: "refused_ops");

            migrationBuilder.DropColumn(
                name: "resolved_at_ms",
                table: "refused_ops");

            migrationBuilder.DropColumn(
                name: "resolved_by",
                table: "refused_ops");

            migrationBuilder.DropColumn(
                name: "group_left",
                table: "ops");

            migrationBuilder.DropColumn(
                name: "backed_up_seq",
                table: "node_lanes");

            migrationBuilder.DropColumn(
                name: "complete_at_ms",
                table: "node_lanes");

            migrationBuilder.DropColumn(
                name: "suspect_since_ms",
                table: "nodes");

            migrationBuilder.AddColumn<long>(
                name: "complete_at_ms",
                table: "nodes",
                type: "INTEGER",
                nullable: true);
        }
    }
}
