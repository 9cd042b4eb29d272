using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TdmEdu.Central.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Refusals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "resolved_why",
                table: "refused_ops",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_refused_ops_resolution_received_at_ms",
                table: "refused_ops",
                columns: new[] { "resolution", "received_at_ms" });

            migrationBuilder.CreateIndex(
                name: "IX_refused_ops_scope_resolution_received_at_ms",
                table: "refused_ops",
                columns: new[] { "scope", "resolution", "received_at_ms" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_refused_ops_resolution_received_at_ms",
                table: "refused_ops");

            migrationBuilder.DropIndex(
                name: "IX_refused_ops_scope_resolution_received_at_ms",
                table: "refused_ops");

            migrationBuilder.DropColumn(
                name: "resolved_why",
                table: "refused_ops");
        }
    }
}
